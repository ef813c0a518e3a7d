"""Spark: on two threads of one executor, and on two executors that are processes of their own, of which one is killed."""

import os
from pathlib import Path

import pyarrow as pa
import pytest
from conftest import DAY, ROWS
from pyspark.errors import PySparkException
from pyspark.sql import SparkSession
from pyspark.sql import functions as f

import eligo

SETTINGS = {
    "spark.ui.enabled": "false",
    "spark.sql.session.timeZone": "UTC",
    "spark.sql.shuffle.partitions": "4",
    "spark.default.parallelism": "4",
    # Several batches in each partition.
    "spark.sql.execution.arrow.maxRecordsPerBatch": "1000",
}


def session(master, **settings):
    builder = SparkSession.builder.master(master)
    for name, value in {**SETTINGS, **settings}.items():
        builder = builder.config(name, value)
    created = builder.getOrCreate()
    created.sparkContext.setLogLevel("OFF")
    return created


@pytest.fixture(scope="module", params=["local[2, 2]", "local-cluster[2,1,1024]"])
def spark(request):
    created = session(request.param)
    yield created
    created.stop()


@pytest.fixture
def wrapped(spark, tmp_path, monkeypatch):
    """Has the executors run a script in the place of the program."""

    def wrap(script):
        program = tmp_path / "eligo"
        program.write_text(f"#!/bin/sh\n{script}\n")
        program.chmod(0o755)
        monkeypatch.setitem(spark.sparkContext.environment, "ELIGO_BINARY", str(program))

    return wrap


def frame(spark, table):
    return spark.createDataFrame(table)


def test_every_row_comes_back_once(spark, candidates):
    listed = spark.read.parquet(str(candidates.parquet)).repartition(5)
    results = eligo.screen(listed, key="id", as_of=DAY)
    assert type(results) is type(listed)
    candidates.assert_same(results.toArrow())


def test_the_columns_are_typed(spark, few):
    schema = eligo.screen(frame(spark, few), key="id", as_of=DAY).schema
    types = {field.name: field.dataType.simpleString() for field in schema}
    verdicts = types.pop("verdicts")
    assert verdicts.startswith("struct<I1:string,I2:string,")
    assert types == {
        "key": "string",
        "line": "bigint",
        "candidate": "string",
        "eligibility": "string",
        "reasons": "array<struct<criterion:string,reason:string>>",
        "cautions": "array<struct<criterion:string,say:string>>",
        "missing": "array<string>",
        "unsettled": "array<string>",
        "errors": "array<struct<file:string,line:bigint,column:bigint,path:string,message:string,help:array<string>>>",
        "screened_on": "date",
        "dated": "boolean",
    }


def test_a_partition_with_bad_rows_and_partitions_without_a_row(spark, few):
    listed = frame(spark, few).repartition(8, "id")
    sizes = listed.mapInArrow(lambda batches: [pa.RecordBatch.from_pydict({"n": [sum(b.num_rows for b in batches)]})], "n long").collect()
    assert any(size.n == 0 for size in sizes)
    results = eligo.screen(listed, key="id", as_of=DAY).orderBy("key").collect()
    assert [(row.key, row.eligibility) for row in results] == [("a", "ineligible"), ("b", "undetermined"), ("c", "error")]
    assert results[2].errors[0].path == "ecog"


def test_no_row(spark, few):
    results = eligo.screen(frame(spark, few).filter("ecog > 100"), key="id", as_of=DAY)
    assert results.collect() == []
    assert eligo.summary(results)["rows"] == 0


def test_the_day_must_be_stated(spark, few):
    with pytest.raises(eligo.CallError, match="state the day with `as_of`"):
        eligo.screen(frame(spark, few), key="id")
    dated = frame(spark, few).withColumn("screened_on", f.to_date(f.lit("2026-02-03")))
    assert {str(row.screened_on) for row in eligo.screen(dated, key="id").filter("eligibility != 'error'").collect()} == {"2026-02-03"}


def test_what_is_wrong_is_said_before_the_job(spark, few):
    with pytest.raises(eligo.CallError, match="no column `ids` for the key"):
        eligo.screen(frame(spark, few), key="ids", as_of=DAY)
    with pytest.raises(eligo.CallError, match="declares no `ecogg`"):
        eligo.screen(frame(spark, few).withColumnRenamed("ecog", "ecogg"), key="id", as_of=DAY)
    with pytest.raises(eligo.CallError):
        eligo.screen(frame(spark, few), trial="format: eligo/trial/2\n", as_of=DAY)


@pytest.mark.parametrize("type_", ["bigint", "decimal(20,2)", "date", "varchar(9)", "double", "boolean"])
def test_the_key_keeps_the_type_that_it_has_in_spark(spark, few, type_):
    text = {"date": "2026-01-02", "boolean": "true"}.get(type_, "12")
    listed = frame(spark, few).withColumn("id", f.expr(f"cast('{text}' as {type_})"))
    results = eligo.screen(listed, key="id", as_of=DAY)
    assert results.schema["key"].dataType == listed.schema["id"].dataType
    assert results.select("key").distinct().collect() == listed.select(f.col("id").alias("key")).distinct().collect()


@pytest.mark.parametrize("type_", ["timestamp", "timestamp_ntz"])
def test_a_time_stamp_as_key_is_a_text(spark, few, type_):
    listed = frame(spark, few).withColumn("id", f.expr(f"cast('2026-01-02 03:04:05.000006' as {type_})"))
    keys = {row.key for row in eligo.screen(listed, key="id", as_of=DAY).collect()}
    assert len(keys) == 1
    assert keys.pop().startswith("2026-01-02T03:04:05.000006")


def test_a_trial_that_the_executors_cannot_read(spark, few, tmp_path):
    trial = tmp_path / "trial.yaml"
    trial.write_bytes((Path(__file__).parents[2] / "criteria" / "nct04546906.yaml").read_bytes())
    results = eligo.screen(frame(spark, few), trial=trial, key="id", as_of=DAY)
    trial.unlink()
    assert results.count() == 3


def test_too_many_errors_end_the_job(spark, few):
    results = eligo.screen(frame(spark, few).coalesce(1), key="id", as_of=DAY, max_errors=0)
    with pytest.raises(PySparkException, match="RowsError"):
        results.collect()


def test_a_result_of_which_little_is_wanted(spark, candidates):
    results = eligo.screen(spark.read.parquet(str(candidates.parquet)).coalesce(1), key="id", as_of=DAY)
    assert len(results.limit(3).collect()) == 3


def test_a_program_that_is_killed_once(spark, candidates, wrapped, tmp_path):
    """The task fails, and Spark tries it again."""
    wrapped(f'mkdir "{tmp_path}/killed" 2>/dev/null && kill -9 $$; exec "{eligo.binary()}" "$@"')
    results = eligo.screen(spark.read.parquet(str(candidates.parquet)), key="id", as_of=DAY)
    candidates.assert_same(results.toArrow())
    assert (tmp_path / "killed").exists()


def test_a_program_that_is_killed_each_time(spark, few, wrapped):
    wrapped("kill -9 $$")
    with pytest.raises(PySparkException, match=r"ProgramFailed.*was killed by signal 9 before it was done"):
        eligo.screen(frame(spark, few), key="id", as_of=DAY).collect()


def test_executors_without_the_program(spark, few, monkeypatch):
    monkeypatch.setitem(spark.sparkContext.environment, "ELIGO_BINARY", "/nowhere/eligo")
    with pytest.raises(PySparkException, match=r"BinaryNotFound.*is not on this machine"):
        eligo.screen(frame(spark, few), key="id", as_of=DAY).collect()


def test_an_executor_that_is_killed(spark, candidates, tmp_path):
    """In the middle of a partition, with rows on their way: no row is lost, and none comes twice."""
    if not spark.sparkContext.master.startswith("local-cluster"):
        pytest.skip("there the executor is the driver")
    mark = str(tmp_path / "killed")

    def kill_once(batches):
        import os
        import signal
        from pathlib import Path

        for number, batch in enumerate(batches):
            if number == 1:
                try:
                    os.mkdir(mark)
                except FileExistsError:
                    pass
                else:
                    # Python's worker is a child of a daemon, and that of the executor.
                    daemon = Path(f"/proc/{os.getppid()}/stat").read_text()
                    os.kill(int(daemon.rsplit(") ", 1)[1].split()[1]), signal.SIGKILL)
            yield batch

    listed = spark.read.parquet(str(candidates.parquet)).repartition(4)
    results = eligo.screen(listed.mapInArrow(kill_once, listed.schema), key="id", as_of=DAY)
    candidates.assert_same(results.toArrow())
    assert os.path.exists(mark)


def test_the_summary_is_that_of_the_whole_list(spark, candidates):
    listed = spark.read.parquet(str(candidates.parquet))
    counted = eligo.summary(eligo.screen(listed.repartition(7), key="id", as_of=DAY))
    assert counted["rows"] == ROWS
    whole = eligo.summary(eligo.screen(candidates.table(), key="id", as_of=DAY))
    assert (counted["lists"], whole["lists"]) == (7, 1)
    assert {**counted, "lists": 1} == dict(whole)
