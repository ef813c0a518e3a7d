"""Every kind of frame gives back its own kind, with the rows of `eligo batch`."""

from pathlib import Path

import duckdb
import pandas
import polars
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from conftest import DAY, ROWS

import eligo


def test_a_table(candidates):
    candidates.assert_same(eligo.screen(candidates.table(), key="id", as_of=DAY))


def test_the_rows_keep_their_order(candidates):
    results = eligo.screen(candidates.table(), key="id", as_of=DAY)
    assert results["key"].equals(candidates.table()["id"])
    assert results["line"].to_pylist() == list(range(1, ROWS + 1))


def test_a_reader_gives_a_reader(candidates):
    with pq.ParquetFile(candidates.parquet) as file:
        source = pa.RecordBatchReader.from_batches(file.schema_arrow, file.iter_batches(1000))
        results = eligo.screen(source, key="id", as_of=DAY)
        assert isinstance(results, pa.RecordBatchReader)
        candidates.assert_same(results.read_all())


def test_whatever_has_an_arrow_stream_gives_a_reader(few):
    class Stream:
        def __arrow_c_stream__(self, requested_schema=None):
            return few.__arrow_c_stream__(requested_schema)

    results = eligo.screen(Stream(), key="id", as_of=DAY)
    assert isinstance(results, pa.RecordBatchReader)
    assert results.read_all()["eligibility"].to_pylist() == ["ineligible", "undetermined", "error"]


@pytest.mark.parametrize("kind", [str, Path])
def test_a_path_gives_a_reader(candidates, kind):
    for path in (candidates.ndjson, candidates.parquet):
        results = eligo.screen(kind(path), key="id", as_of=DAY)
        assert isinstance(results, pa.RecordBatchReader)
        table = results.read_all()
        # NDJSON has no types of columns, so its keys are texts.
        candidates.assert_same(table.set_column(0, "key", table["key"].cast(pa.int64())))


def test_pandas(candidates):
    frame = candidates.table().to_pandas()
    frame.index = frame.index + 5
    results = eligo.screen(frame, key="id", as_of=DAY)
    assert isinstance(results, pandas.DataFrame)
    assert results.index.equals(frame.index)
    candidates.assert_same(pa.Table.from_pandas(results, preserve_index=False))


def test_whole_numbers_that_pandas_made_floats(few):
    frame = few.to_pandas()
    frame.loc[1, "ecog"] = None
    assert frame["ecog"].dtype == "float64"
    results = eligo.screen(frame, key="id", as_of=DAY)
    assert list(results["verdicts"].struct.field("I4"))[:2] == ["pass", "unknown"]


def test_polars(candidates):
    results = eligo.screen(polars.read_parquet(candidates.parquet), key="id", as_of=DAY)
    assert isinstance(results, polars.DataFrame)
    candidates.assert_same(results.to_arrow(compat_level=polars.CompatLevel.oldest()))


def test_a_lazy_frame_screens_when_it_is_collected_and_each_time(candidates):
    results = eligo.screen(polars.scan_parquet(candidates.parquet), key="id", as_of=DAY)
    assert isinstance(results, polars.LazyFrame)
    for engine in ("in-memory", "streaming"):
        candidates.assert_same(results.collect(engine=engine).to_arrow(compat_level=polars.CompatLevel.oldest()))


def test_what_is_asked_of_a_lazy_result(candidates):
    results = eligo.screen(polars.scan_parquet(candidates.parquet), key="id", as_of=DAY)
    eligible = results.filter(polars.col("eligibility") == "eligible")
    expected = candidates.expected["eligibility"].to_pylist().count("eligible")
    assert eligible.select(polars.len()).collect().item() == expected > 0
    assert results.head(3).select("line").collect()["line"].to_list() == [1, 2, 3]


def test_duckdb(candidates):
    with duckdb.connect() as connection:
        results = eligo.screen(connection.from_parquet(str(candidates.parquet)), key="id", as_of=DAY)
        assert isinstance(results, duckdb.DuckDBPyRelation)
        candidates.assert_same(pa.RecordBatchReader.from_stream(results).read_all())


def test_a_relation_can_be_read_twice_and_joined_with_its_list(candidates):
    with duckdb.connect() as connection:
        listed = connection.from_parquet(str(candidates.parquet)).set_alias("listed")
        results = eligo.screen(listed, key="id", as_of=DAY).set_alias("results")
        assert results.count("*").fetchall() == results.count("*").fetchall() == [(ROWS,)]
        joined = listed.join(results, "listed.id = results.key and listed.candidate = results.candidate")
        assert joined.count("*").fetchall() == [(ROWS,)]


def test_the_columns_have_the_types_that_are_promised(few):
    schema = eligo.screen(few, key="id", as_of=DAY).schema
    pair = [("criterion", pa.string()), ("reason", pa.string())]
    said = [("criterion", pa.string()), ("say", pa.string())]
    error = [("file", pa.string()), ("line", pa.int64()), ("column", pa.int64()), ("path", pa.string()), ("message", pa.string())]
    expected = {
        "key": pa.string(),
        "line": pa.int64(),
        "candidate": pa.string(),
        "eligibility": pa.string(),
        "reasons": pa.list_(pa.struct(pair)),
        "cautions": pa.list_(pa.struct(said)),
        "missing": pa.list_(pa.string()),
        "unsettled": pa.list_(pa.string()),
        "errors": pa.list_(pa.struct([*error, ("help", pa.list_(pa.string()))])),
        "screened_on": pa.date32(),
        "dated": pa.bool_(),
    }
    assert [name for name in schema.names if name != "verdicts"] == list(expected)
    for name, type_ in expected.items():
        assert schema.field(name).type.equals(type_), name
    verdicts = schema.field("verdicts").type
    assert [field.name for field in verdicts][:2] == ["I1", "I2"]
    assert all(field.type == pa.string() for field in verdicts)


@pytest.mark.parametrize("reasons", ["none", "deciding", "all"])
def test_whose_reasons(few, reasons):
    said = eligo.screen(few, key="id", as_of=DAY, reasons=reasons)["reasons"].to_pylist()[0] or []
    criteria = [one["criterion"] for one in said]
    assert {"none": criteria == [], "deciding": criteria == ["I1"], "all": "E10" in criteria}[reasons]


def test_a_trial_a_policy_and_a_source_file(few):
    trial = (Path(__file__).parents[2] / "criteria" / "nct03057977.yaml").resolve()
    others = few.select(["id", "candidate"])
    for given in (trial, str(trial), trial.read_text()):
        results = eligo.screen(others, trial=given, key="id", as_of=DAY)
        assert [field.name for field in results.schema.field("verdicts").type][:1] == ["I1"]
        assert results.schema.field("verdicts").type != eligo.screen(few, key="id", as_of=DAY).schema.field("verdicts").type


def test_no_list():
    with pytest.raises(TypeError, match=r"a `builtins.list` is no list"):
        eligo.screen([{"ecog": 1}])


SOURCE = """
format: eligo/source/1
source: table
trial: NCT04546906
candidate: Pat
columns:
  ECOG: ecog
  Sex: { fact: sex, map: { m: male, f: female } }
"""


def test_a_source_file_reads_the_words_of_a_site(tmp_path):
    table = pa.table({"Pat": ["A", "B", 'C,"x"', "D"], "ECOG": [1, 4, None, 9], "Sex": ["m", "f", "m", "f"]})
    results = eligo.screen(table, source=SOURCE, as_of=DAY).to_pylist()
    assert [(row["candidate"], row["eligibility"]) for row in results] == [
        ("A", "undetermined"),
        ("B", "ineligible"),
        ('C,"x"', "undetermined"),
        ("D", "error"),
    ]
    assert [row["verdicts"]["I4"] for row in results] == ["pass", "fail", "unknown", None]
    path = tmp_path / "source.yaml"
    path.write_text(SOURCE)
    assert eligo.screen(table.to_pandas(), source=path, as_of=DAY)["candidate"].tolist() == [row["candidate"] for row in results]
    # No row is of a day that nobody stated.
    assert {row["eligibility"] for row in eligo.screen(table, source=SOURCE).to_pylist()} == {"error"}


def test_a_source_file_joins_rows_of_a_candidate():
    table = pa.table({"Pat": ["A", "A", "B"], "ECOG": [None, 1, 2], "Sex": ["m", None, "f"]})
    joined = SOURCE.replace("candidate: Pat", "candidate: Pat\none_row_per: visit")
    assert eligo.screen(table, source=joined, as_of=DAY)["candidate"].to_pylist() == ["A", "B"]


def test_what_a_source_file_cannot_take_is_said():
    table = pa.table({"Pat": ["A"], "ECOG": [1], "Sex": ["m"]})
    with pytest.raises(eligo.CallError, match="found by its candidate"):
        eligo.screen(table, source=SOURCE, key="Pat", as_of=DAY)
    with pytest.raises(eligo.CallError, match="`Other`"):
        eligo.screen(table.append_column("Other", [["x"]]), source=SOURCE, as_of=DAY)
    with pytest.raises(pa.ArrowInvalid, match="struct"):
        eligo.screen(table.append_column("Nested", pa.array([{"a": 1}])), source=SOURCE, as_of=DAY)
