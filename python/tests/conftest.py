"""One list of 100,000 made-up candidates, and what `eligo batch` says of it: every engine must say the same."""

import json
import os
import subprocess
import sys
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import eligo

# Spark starts `python3` for its tasks unless it is told which.
os.environ["PYSPARK_PYTHON"] = sys.executable

ROOT = Path(__file__).resolve().parents[2]
ROWS = 100_000
DAY = "2026-11-28"
#: What is compared, row by row.
COMPARED = ["key", "candidate", "eligibility", "verdicts", "reasons"]


class List:
    """The candidates as files, and what must be said of them."""

    def __init__(self, folder: Path) -> None:
        self.ndjson, self.parquet = folder / "list.ndjson", folder / "list.parquet"
        generate = ["cargo", "run", "--quiet", "--release", "--locked", "--example", "generate", "--", "--plain", f"--rows={ROWS}"]
        made = subprocess.run(generate, cwd=ROOT, stdout=subprocess.PIPE, check=True).stdout.decode()
        # A key that is neither the place of a row nor in the order of the rows.
        keyed = (f'{{"id":{row * 7919 % 1_000_003},{line[1:]}\n' for row, line in enumerate(made.splitlines()))
        self.ndjson.write_text("".join(keyed))
        with duckdb.connect() as connection:
            read = f"read_json('{self.ndjson}', format='newline_delimited', sample_size=-1, map_inference_threshold=-1)"
            connection.execute(f"COPY (FROM {read}) TO '{self.parquet}' (COMPRESSION uncompressed)")
        self.expected = self._screened()

    def _screened(self) -> pa.Table:
        """The rows that `eligo batch` writes of the NDJSON, as a table with the types of a result."""
        arguments = ["batch", self.ndjson, "--key=id", f"--as-of={DAY}", "--format=ndjson", "--summary", os.devnull]
        written = subprocess.run([eligo.binary(), *arguments], stdout=subprocess.PIPE, check=True).stdout
        rows = [json.loads(line) for line in written.splitlines()]
        for row in rows:
            row["reasons"] = [{"criterion": id_, "reason": reason} for id_, reason in row.get("reasons", {}).items()]
        pair = pa.struct([("criterion", pa.string()), ("reason", pa.string())])
        verdicts = pa.struct([(id_, pa.string()) for id_ in rows[0]["verdicts"]])
        schema = pa.schema(
            [
                ("key", pa.int64()),
                ("candidate", pa.string()),
                ("eligibility", pa.string()),
                ("verdicts", verdicts),
                ("reasons", pa.list_(pair)),
            ]
        )
        return pa.Table.from_pylist(rows, schema=schema).sort_by("key")

    def table(self) -> pa.Table:
        return pq.read_table(self.parquet)

    def assert_same(self, results: pa.Table) -> None:
        """Each row of the list is there once, with the verdicts and reasons of `eligo batch`."""
        assert results.num_rows == ROWS
        got = results.select(COMPARED).sort_by("key").cast(self.expected.schema)
        for name in COMPARED:
            assert got[name].equals(self.expected[name]), name


@pytest.fixture(scope="session")
def candidates(tmp_path_factory: pytest.TempPathFactory) -> List:
    return List(tmp_path_factory.mktemp("list"))


@pytest.fixture
def few() -> pa.Table:
    """Three candidates: one who cannot enter, one of whom little is known, and a row that cannot be read."""
    return pa.table(
        {
            "id": ["a", "b", "c"],
            "candidate": ["LDP-1", "LDP-2", "LDP-3"],
            "diagnosis": ["t_all", None, "b_all"],
            "ecog": [1, 2, 9],
        }
    )
