"""Times `eligo batch` on generated lists, beside a skip-parse of the same bytes and, if its package is there, DuckDB.

    cargo build --release --examples && cargo bench --bench floor --no-run && pip install duckdb==2.0.0
    python3 benches/lists.py [ROWS ...]

Every figure is the median of five runs, taken in turn, so that a machine whose speed drifts does not favour one side.
"""

import glob
import importlib.util
import os
import resource
import statistics
import subprocess
import sys
import time

# Beside this file stands one with the name of a package.
del sys.path[0]

LIST, OUT = "target/bench-list.ndjson", "target/bench-out.ndjson"
RUNS = 5


def run(command):
    started = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    _, _, usage = os.wait4(process.pid, 0)
    return time.perf_counter() - started, usage.ru_maxrss / 1024


def batch(*options, threads=2, path=LIST):
    return ["target/release/eligo", "batch", path, "--format", "ndjson", "--output", OUT, "--threads", str(threads), *options]


def main():
    floor = max(glob.glob("target/release/deps/floor-*[!d]"), key=os.path.getmtime)
    commands = {
        "skip-parse, 2 threads": [floor, LIST, "2"],
        "none, 2 threads": batch("--reasons", "none"),
        "none, 1 thread": batch("--reasons", "none", threads=1),
        "deciding, 2 threads": batch("--reasons", "deciding"),
        "all, 2 threads": batch("--reasons", "all"),
        "none, 2 threads, shuffled keys": batch("--reasons", "none", path=LIST + ".shuffled"),
    }
    if importlib.util.find_spec("duckdb"):
        commands["DuckDB, 2 threads"] = [sys.executable, "benches/duckdb.py", "--input", LIST, "--output", OUT, "--threads", "2"]
    for rows in [int(argument) for argument in sys.argv[1:]] or [10_000, 100_000, 1_000_000]:
        for path, options in ((LIST, []), (LIST + ".shuffled", ["--shuffle-keys"])):
            with open(path, "wb") as output:
                subprocess.run(["target/release/examples/generate", "--rows", str(rows), *options], stdout=output, check=True)
        taken = {name: [] for name in commands}
        for _ in range(RUNS):
            for name, command in commands.items():
                taken[name].append(run(command))
        reference = statistics.median(seconds for seconds, _ in taken["none, 2 threads"])
        print(f"\n{rows} rows, {os.path.getsize(LIST) / 1e6:.0f} MB")
        for name, runs in taken.items():
            seconds, memory = statistics.median(s for s, _ in runs), max(m for _, m in runs)
            print(f"  {name:32} {seconds:8.3f} s  {seconds / reference:6.2f} x none   {memory:7.1f} MB")


if __name__ == "__main__":
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    main()
