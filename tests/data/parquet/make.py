"""Writes the files beside it, with pyarrow 26.0.1, DuckDB 2.0.1, Polars 2.1.0 and pandas 3.1.1: `python3 make.py`.

The candidates are invented: those of `examples/referrals.csv`, in a few of its columns.
"""

import base64
import pathlib

import duckdb
import polars
import pyarrow as pa
import pyarrow.csv
import pyarrow.ipc
import pyarrow.parquet as pq
import pyarrow.parquet.encryption as encryption

HERE = pathlib.Path(__file__).resolve().parent
COLUMNS = ["candidate", "screened_on", "sex", "marrow_blasts", "marrow_blasts.date", "ecog", "consent"]
options = pyarrow.csv.ConvertOptions(strings_can_be_null=True, include_columns=COLUMNS)
table = pyarrow.csv.read_csv(HERE.parents[2] / "examples/referrals.csv", convert_options=options)


def path(name):
    return str(HERE / name)


for codec in ["snappy", "gzip", "zstd", "lz4", "brotli"]:
    pq.write_table(table, path(f"pyarrow-{codec}.parquet"), compression=codec)
pq.write_table(table, path("pyarrow-v1.parquet"), version="1.0", row_group_size=2)
pq.write_table(table, path("pyarrow-v2-pages.parquet"), data_page_version="2.0", compression="zstd", use_dictionary=False)
relation = duckdb.from_arrow(table)
relation.write_parquet(path("duckdb.parquet"))
polars.from_arrow(table).write_parquet(path("polars.parquet"))
polars.from_arrow(table).write_ipc(path("polars.arrow"))
polars.from_arrow(table).write_ipc_stream(path("polars.arrows"))
table.to_pandas().set_index("candidate").to_parquet(path("pandas-index.parquet"))
compressed = pa.ipc.IpcWriteOptions(compression="lz4")
with pa.OSFile(path("pyarrow-lz4.arrow"), "wb") as file, pa.ipc.new_file(file, table.schema, options=compressed) as writer:
    writer.write_table(table)
compressed = pa.ipc.IpcWriteOptions(compression="zstd")
with pa.OSFile(path("pyarrow-zstd.arrows"), "wb") as file, pa.ipc.new_stream(file, table.schema, options=compressed) as writer:
    writer.write_table(table)


class Keys(encryption.KmsClient):
    def __init__(self, _):
        super().__init__()

    def wrap_key(self, key, _):
        return base64.b64encode(key)

    def unwrap_key(self, key, _):
        return base64.b64decode(key)


keys = encryption.CryptoFactory(Keys)
for name, plain_footer in [("encrypted", False), ("encrypted-column", True)]:
    asked = encryption.EncryptionConfiguration(footer_key="f", column_keys={"c": ["ecog"]}, plaintext_footer=plain_footer)
    properties = keys.file_encryption_properties(encryption.KmsConnectionConfig(), asked)
    with pq.ParquetWriter(path(f"{name}.parquet"), table.schema, encryption_properties=properties) as writer:
        writer.write_table(table)
