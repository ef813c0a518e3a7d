"""The summary of a result is that of `eligo batch`, in whatever frame the result is."""

import json
import subprocess

import duckdb
import polars
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from conftest import DAY

import eligo


def test_it_is_that_of_the_program(candidates, tmp_path):
    path = tmp_path / "summary.json"
    arguments = ["batch", candidates.ndjson, "--key=id", f"--as-of={DAY}", "--job", "--format=ndjson", "--summary", path]
    subprocess.run([eligo.binary(), *arguments], stdout=subprocess.DEVNULL, check=True)
    merged = subprocess.run([eligo.binary(), "summary", "merge", path, "--format=json"], stdout=subprocess.PIPE, check=True).stdout
    assert dict(eligo.summary(eligo.screen(candidates.table(), key="id", as_of=DAY))) == json.loads(merged)


def test_every_frame_has_the_same(few, tmp_path):
    results = eligo.screen(few, key="id", as_of=DAY)
    expected = dict(eligo.summary(results))
    assert (expected["rows"], expected["ineligible"], expected["undetermined"], expected["error"]) == (3, 1, 1, 1)
    path = tmp_path / "rows.parquet"
    pq.write_table(results, path)
    with duckdb.connect() as connection:
        frames = [
            results.to_reader(),
            eligo.screen(few.to_pandas(), key="id", as_of=DAY),
            polars.from_arrow(results),
            polars.from_arrow(results).lazy(),
            connection.from_arrow(results),
            path,
            str(path),
        ]
        for frame in frames:
            assert dict(eligo.summary(frame)) == expected, type(frame)


def test_how_it_is_shown(few):
    counted = eligo.summary(eligo.screen(few, key="id", as_of=DAY))
    assert repr(counted) == "<eligo.Summary of 3 rows: 0 eligible, 1 ineligible, 1 undetermined, 1 error>"
    assert "ineligible" in str(counted)
    assert counted._repr_html_().startswith("<pre")
    assert "&lt;" not in str(counted)


def test_what_is_no_result(few):
    with pytest.raises(eligo.CallError):
        eligo.summary(few)
    with pytest.raises(TypeError):
        eligo.summary(pa.array([1]))
