"""A stream of results as a temporary table of DuckDB."""

from __future__ import annotations

import tempfile
import uuid
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet
from duckdb import DuckDBPyRelation


def temporary_table(relation: DuckDBPyRelation, results: pa.RecordBatchReader) -> DuckDBPyRelation:
    """A temporary table with the results, on the connection of the relation that they are made from.

    While the relation is read, its connection can run nothing else; so the results wait in a file until the last of them is there.
    """
    name = f"eligo_{uuid.uuid4().hex}"
    with tempfile.TemporaryDirectory(prefix="eligo-") as folder:
        path = Path(folder, "results.parquet")
        with pyarrow.parquet.ParquetWriter(path, results.schema) as writer:
            for batch in results:
                writer.write_batch(batch)
        relation.query("screened", f"CREATE TEMP TABLE {name} AS FROM read_parquet({_quoted(str(path))})")
    table = relation.query("screened", f"FROM {name}")
    assert table is not None
    return table


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
