"""Lists that are not as they should be: an exception before the first row, or rows of errors. No row is lost."""

import datetime
import decimal

import pandas
import pyarrow as pa
import pytest
from conftest import DAY

import eligo


def test_rows_that_cannot_be_read_are_rows_of_errors(few):
    results = eligo.screen(few, key="id", as_of=DAY).to_pylist()
    assert [row["eligibility"] for row in results] == ["ineligible", "undetermined", "error"]
    (error,) = results[2]["errors"]
    assert error["path"] == "ecog"
    assert "9 is outside the plausible range 0..5" in error["message"]
    assert set(results[2]["verdicts"].values()) == {None}
    assert results[2]["key"] == "c"


def test_too_many_errors(few):
    assert eligo.screen(few, key="id", as_of=DAY, max_errors=1).num_rows == 3
    assert eligo.screen(few, key="id", as_of=DAY, max_errors="34%").num_rows == 3
    for limit in (0, "33%"):
        with pytest.raises(eligo.RowsError):
            eligo.screen(few, key="id", as_of=DAY, max_errors=limit)


def test_without_the_key(few):
    with pytest.raises(eligo.CallError, match="no column `ids` for the key; did you mean `id`"):
        eligo.screen(few, key="ids", as_of=DAY)
    with pytest.raises(eligo.CallError, match="it has `id`, `candidate`, `diagnosis`, `ecog`"):
        eligo.screen(few, key="patient_number", as_of=DAY)


def test_two_rows_of_one_key_are_two_rows_and_are_told(few):
    twice = pa.concat_tables([few, few])
    results = eligo.screen(twice, key="id", as_of=DAY)
    assert results["key"].to_pylist() == ["a", "b", "c"] * 2
    assert eligo.summary(results)["repeated_keys"]


def test_a_row_without_a_key_is_a_row_of_errors(few):
    keys = few.set_column(0, "id", pa.array(["a", None, "c"]))
    results = eligo.screen(keys, key="id", as_of=DAY)
    assert results["key"].to_pylist() == ["a", None, "c"]
    assert results["eligibility"].to_pylist() == ["ineligible", "error", "error"]


@pytest.mark.parametrize(
    "key",
    [
        pa.array([2**63 - 1, -(2**63), 0], pa.int64()),
        pa.array([2**64 - 1, 0, 1], pa.uint64()),
        pa.array(["0012", "12", " 12"]),
        pa.array([decimal.Decimal("1.10"), decimal.Decimal("1.20"), decimal.Decimal("0.01")], pa.decimal128(20, 2)),
        pa.array([datetime.date(2026, 1, 1), datetime.date(1, 1, 1), datetime.date(9999, 12, 30)]),
        pa.array(["x", "y", "x"]).dictionary_encode(),
        pa.array([1.5, -0.0, 1e300]),
        pa.array([True, False, True]),
    ],
    ids=lambda array: str(array.type),
)
def test_a_key_comes_back_as_it_was(few, key):
    results = eligo.screen(few.set_column(0, "id", key), key="id", as_of=DAY)
    assert results["key"].to_pylist() == key.to_pylist()
    assert results["key"].type == (pa.string() if pa.types.is_dictionary(key.type) else key.type)


def test_a_time_stamp_as_key_is_a_text(few):
    stamps = pa.array([datetime.datetime(2026, 1, 2, 3, 4, 5, 6)] * 3)
    results = eligo.screen(few.set_column(0, "id", stamps), key="id", as_of=DAY)
    assert results["key"].to_pylist() == ["2026-01-02T03:04:05.000006"] * 3


@pytest.mark.parametrize("key", [pa.array([b"a"] * 3), pa.array([[1]] * 3), pa.array([{"a": 1}] * 3)], ids=lambda array: str(array.type))
def test_what_is_no_key(few, key):
    """Nothing is lost: it is an exception, or each row says so."""
    try:
        results = eligo.screen(few.set_column(0, "id", key), key="id", as_of=DAY)
    except eligo.CallError:
        return
    assert results["eligibility"].to_pylist() == ["error"] * 3


def test_a_column_that_the_trial_does_not_know(few):
    frame = few.rename_columns(["id", "candidate", "diagnosis", "ecogg"])
    with pytest.raises(eligo.CallError, match="declares no `ecogg`") as caught:
        eligo.screen(frame, key="id", as_of=DAY)
    assert caught.value.file == "<stdin>"
    assert "did you mean `ecog`?" in caught.value.help[0]
    assert eligo.screen(frame, key="id", as_of=DAY, rename={"ecogg": "ecog"})["verdicts"][0]["I4"].as_py() == "pass"
    results = eligo.screen(frame, key="id", as_of=DAY, ignore_column=["ecogg"]).to_pylist()
    assert [row["eligibility"] for row in results] == ["ineligible", "undetermined", "undetermined"]


def test_ten_thousand_columns(few):
    columns = {f"lab_{number}": pa.nulls(3, pa.string()) for number in range(10_000)}
    wide = pa.table({**dict(zip(few.column_names, few.columns, strict=True)), **columns})
    with pytest.raises(eligo.CallError, match="10004 columns are too many"):
        eligo.screen(wide, key="id", as_of=DAY)
    results = eligo.screen(wide, key="id", as_of=DAY, ignore_column=list(columns))
    assert results["eligibility"].to_pylist() == ["ineligible", "undetermined", "error"]


def test_two_columns_of_one_name(few):
    frame = pa.Table.from_arrays([*few.columns, few["ecog"]], names=[*few.column_names, "ecog"])
    with pytest.raises(eligo.CallError, match="two columns are called `ecog`"):
        eligo.screen(frame, as_of=DAY)


def test_nulls_are_not_recorded(few):
    empty = pa.table({"id": few["id"], "candidate": few["candidate"], "ecog": pa.nulls(3), "sex": pa.nulls(3, pa.string())})
    results = eligo.screen(empty, key="id", as_of=DAY).to_pylist()
    assert {row["eligibility"] for row in results} == {"undetermined"}
    assert all({"ecog", "sex"} <= set(row["missing"]) for row in results)


def test_no_row(few):
    results = eligo.screen(few.slice(0, 0), key="id", as_of=DAY)
    assert results.num_rows == 0
    assert results.schema == eligo.screen(few, key="id", as_of=DAY).schema
    assert eligo.summary(results)["rows"] == 0


def test_batches_without_a_row(few):
    empty = few.slice(0, 0).combine_chunks().to_batches() or [pa.RecordBatch.from_pylist([], few.schema)]
    batches = [*empty, *few.to_batches(max_chunksize=1), *empty]
    reader = pa.RecordBatchReader.from_batches(few.schema, iter(batches))
    assert eligo.screen(reader, key="id", as_of=DAY).read_all()["key"].to_pylist() == ["a", "b", "c"]


@pytest.mark.parametrize(
    "column",
    [
        pa.array([1, 2, 3], pa.int8()),
        pa.array([1, 2, 3], pa.uint64()),
        pa.array([1.0, 2.0, 3.0]),
        pa.array(["1", "2", "3"], pa.large_string()),
        pa.array(["1", "2", "3"], pa.string_view()),
        pa.array(["1", "2", "3"]).dictionary_encode(),
        pa.array(["1", "2", "3"]).dictionary_encode().cast(pa.dictionary(pa.int8(), pa.large_string())),
        pa.array([decimal.Decimal(1), decimal.Decimal(2), decimal.Decimal(3)], pa.decimal128(10, 0)),
        pa.array([decimal.Decimal("1.00"), decimal.Decimal("2.00"), decimal.Decimal("3.00")], pa.decimal256(40, 2)),
        pa.array([{"value": value, "by": "investigator-1"} for value in (1, 2, 3)]),
    ],
    ids=lambda array: str(array.type),
)
def test_whole_numbers_in_many_types(column):
    results = eligo.screen(pa.table({"id": ["a", "b", "c"], "ecog": column}), key="id", as_of=DAY).to_pylist()
    assert [row["verdicts"]["I4"] for row in results] == ["pass", "pass", "fail"]


@pytest.mark.parametrize(
    "column",
    [
        pa.array([{"score": 1}] * 3),
        pa.array([[1], [2], [3]]),
        pa.array([b"1", b"2", b"3"]),
        pa.array([[("a", 1)]] * 3, pa.map_(pa.string(), pa.int64())),
        pa.array([datetime.timedelta(1)] * 3),
        pa.array([datetime.time(1)] * 3),
    ],
    ids=lambda array: str(array.type),
)
def test_types_that_no_fact_has(column):
    with pytest.raises(eligo.CallError, match="`ecog"):
        eligo.screen(pa.table({"id": ["a", "b", "c"], "ecog": column}), key="id", as_of=DAY)


@pytest.mark.parametrize(
    "column",
    [
        pa.array([datetime.datetime(2026, 1, 1, tzinfo=datetime.timezone.utc)] * 3),
        pa.array([True, False, True]),
        pa.array([1.5, float("nan"), float("inf")]),
    ],
    ids=lambda array: str(array.type),
)
def test_values_that_the_fact_has_not(column):
    results = eligo.screen(pa.table({"id": ["a", "b", "c"], "ecog": column}), key="id", as_of=DAY).to_pylist()
    assert [(row["key"], row["eligibility"], row["errors"][0]["path"]) for row in results] == [(key, "error", "ecog") for key in "abc"]


def test_which_day_a_time_stamp_is():
    """It is a day if it is midnight; which day another is would depend on the zone."""
    utc = datetime.timezone.utc
    midnight, later = datetime.datetime(2026, 1, 2, tzinfo=utc), datetime.datetime(2026, 1, 2, 3, tzinfo=utc)
    for zone in (None, "UTC"):
        stamps = pa.array([midnight, later]).cast(pa.timestamp("us", zone))
        results = eligo.screen(pa.table({"id": ["a", "b"], "screened_on": stamps}), key="id").to_pylist()
        assert results[0]["screened_on"] == datetime.date(2026, 1, 2)
        assert results[1]["eligibility"] == "error"
        assert "is not a date" in results[1]["errors"][0]["message"]


def test_a_point_in_time_is_no_day(few):
    with pytest.raises(TypeError, match="is a day, not a point in time"):
        eligo.screen(few, key="id", as_of=datetime.datetime(2026, 11, 28))
    for day in ("2026-11-28", datetime.date(2026, 11, 28)):
        assert set(eligo.screen(few.slice(0, 2), key="id", as_of=day)["screened_on"].to_pylist()) == {datetime.date(2026, 11, 28)}
    with pytest.raises(eligo.CallError):
        eligo.screen(few, key="id", as_of="28.11.2026")


def test_the_day_is_that_of_each_row(few):
    days = [datetime.date(2026, 1, 1), datetime.date(2026, 2, 2), None]
    results = eligo.screen(few.append_column("screened_on", pa.array(days)), key="id").to_pylist()
    assert [row["screened_on"] for row in results[:2]] == days[:2]
    assert results[2]["eligibility"] == "error"


def test_the_day_of_a_frame_without_one_is_today(few):
    before = datetime.date.today()
    days = set(eligo.screen(few.slice(0, 2), key="id")["screened_on"].to_pylist())
    assert days <= {before, datetime.date.today()}


def test_neither_the_environment_nor_the_folder_decides(few, monkeypatch, tmp_path):
    expected = eligo.screen(few, key="id", as_of=DAY)
    (tmp_path / "eligo.toml").write_text('trial = "missing.yaml"\n')
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("ELIGO_TRIAL", str(tmp_path / "missing.yaml"))
    monkeypatch.setenv("ELIGO_LOG", str(tmp_path / "log"))
    assert eligo.screen(few, key="id", as_of=DAY).equals(expected)
    assert not (tmp_path / "log").exists()


def test_a_trial_file_that_is_wrong(few, tmp_path):
    trial = tmp_path / "trial.yaml"
    trial.write_text("format: eligo/trial/2\n")
    with pytest.raises(eligo.CallError) as caught:
        eligo.screen(few, key="id", trial=trial, as_of=DAY)
    assert (caught.value.file, caught.value.line, caught.value.column) == (str(trial), 1, 9)
    with pytest.raises(eligo.CallError) as caught:
        eligo.screen(few, key="id", trial=trial.read_text(), as_of=DAY)
    assert caught.value.file == "trial.yaml"
    with pytest.raises(eligo.CallError, match="cannot read"):
        eligo.screen(few, key="id", trial=tmp_path / "none.yaml", as_of=DAY)


def test_a_file_that_is_not_there(tmp_path):
    with pytest.raises(eligo.CallError, match=r"cannot read .*none.ndjson"):
        eligo.screen(tmp_path / "none.ndjson")


def test_a_pandas_column_of_mixed_types():
    with pytest.raises(pa.ArrowException):
        eligo.screen(pandas.DataFrame({"ecog": [1, "two"]}), as_of=DAY)
