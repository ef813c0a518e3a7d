#!/usr/bin/env python3
"""Times Spark alone, Spark with eligo in one and two partitions, and `eligo batch`, on the same list in one run.

    python3 benches/spark.py --rows 1000000

Needs the package with `eligo[spark,duckdb]`, Java, and cargo, which runs the generator. Each figure is the least of `--runs`
runs, in seconds; a run takes everything that its engine makes of the list and keeps nothing (Spark writes to `noop`, `eligo
batch` to the null device).
Ratios are to `eligo batch` with one thread on the same Parquet file.
"""

import argparse
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

# Beside this file stands one with the name of a package.
del sys.path[0]

import duckdb
from pyspark.sql import SparkSession

import eligo

ROOT = Path(__file__).resolve().parent.parent
DAY = "2026-11-28"


def write_list(folder, rows):
    """The list as NDJSON, as a Parquet file, and as two Parquet files of a half each."""
    ndjson = folder / "list.ndjson"
    generate = ["cargo", "run", "--quiet", "--release", "--locked", "--example", "generate", "--", "--plain", f"--rows={rows}"]
    with ndjson.open("wb") as file:
        subprocess.run(generate, cwd=ROOT, stdout=file, check=True)
    with duckdb.connect() as connection:
        read = f"read_json('{ndjson}', format='newline_delimited', sample_size=-1, map_inference_threshold=-1)"
        connection.execute(f"COPY (FROM {read}) TO '{folder}/list.parquet' (COMPRESSION uncompressed)")
        for half in (0, 1):
            part = f"FROM '{folder}/list.parquet' LIMIT {rows // 2} OFFSET {rows // 2 * half}"
            connection.execute(f"COPY ({part}) TO '{folder}/half-{half}.parquet' (COMPRESSION uncompressed)")


def least(runs, work):
    """Seconds of the fastest run."""

    def once():
        begin = time.perf_counter()
        work()
        return time.perf_counter() - begin

    return min(once() for _ in range(runs))


def spark_runs(folder):
    """What Spark does, by what it is called."""
    spark = (
        SparkSession.builder.master("local[2]")
        .config("spark.ui.enabled", "false")
        # A file is a partition.
        .config("spark.sql.files.minPartitionNum", "1")
        .config("spark.sql.files.maxPartitionBytes", str(1 << 40))
        .getOrCreate()
    )
    spark.sparkContext.setLogLevel("ERROR")
    one = spark.read.parquet(str(folder / "list.parquet"))
    two = spark.read.parquet(str(folder / "half-0.parquet")).union(spark.read.parquet(str(folder / "half-1.parquet")))
    for name, listed in {"1 partition": one, "2 partitions": two}.items():
        assert listed.rdd.getNumPartitions() == int(name[0])
        for what, frame in {
            "Spark alone": listed,
            "Spark, through Python and back": listed.mapInArrow(lambda batches: batches, listed.schema),
            "Spark with eligo.screen": eligo.screen(listed, key="candidate", as_of=DAY),
        }.items():
            yield f"{what}, {name}", frame.write.format("noop").mode("overwrite").save
    spark.stop()


def batch_runs(folder):
    """What the program does, by what it is called."""
    for notation in ("parquet", "ndjson"):
        for threads in (1, 2):
            arguments = ["batch", folder / f"list.{notation}", "--key=candidate", f"--as-of={DAY}", "--format=arrow", f"--threads={threads}"]
            yield (
                f"eligo batch, {notation}, {threads} thread{'s' * (threads > 1)}",
                lambda arguments=arguments: subprocess.run(
                    [eligo.binary(), *arguments, "--summary", os.devnull], stdout=subprocess.DEVNULL, check=True
                ),
            )


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rows", type=int, default=200_000)
    parser.add_argument("--runs", type=int, default=3)
    options = parser.parse_args()
    os.environ["PYSPARK_PYTHON"] = sys.executable

    with tempfile.TemporaryDirectory(prefix="eligo-bench-") as scratch:
        folder = Path(scratch)
        write_list(folder, options.rows)
        seconds = {name: least(options.runs, work) for name, work in batch_runs(folder)}
        for name, work in spark_runs(folder):
            work()  # The first run also compiles and starts Python's workers.
            seconds[name] = least(options.runs, work)

    base = seconds["eligo batch, parquet, 1 thread"]
    print(f"{options.rows} rows, least of {options.runs} runs\n")
    print(f"| {'':<46} | {'s':>6} | {'rows/s':>9} | {'ratio':>6} |\n|{'-' * 48}|{'-' * 7}:|{'-' * 10}:|{'-' * 7}:|")
    for name, taken in seconds.items():
        print(f"| {name:<46} | {taken:6.2f} | {options.rows / taken:9.0f} | {taken / base:6.2f} |")


if __name__ == "__main__":
    main()
