"""Times `eligo batch` on generated lists, beside a skip-parse of the same bytes and, if its package is there, DuckDB.

    cargo build --release --examples && cargo bench --bench floor --no-run && pip install duckdb==2.0.0
    python3 benches/lists.py [ROWS ...]

Every figure is the median of nine runs, taken in turn, so that a machine whose speed drifts does not favour one side. What a
run before has written is removed first, outside the timing. Peak memory is that of one more run each, by GNU time.
"""

import glob
import importlib.util
import os
import shutil
import statistics
import subprocess
import sys
import time

# Beside this file stands one with the name of a package.
del sys.path[0]

LIST, SHUFFLED, OUT, PEAK = (f"target/bench-{name}" for name in ("list.ndjson", "list.shuffled.ndjson", "out.ndjson", "peak"))
RUNS = 9


def run(command):
    if os.path.exists(OUT):
        os.remove(OUT)
    started = time.perf_counter()
    subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=True)
    return time.perf_counter() - started


def peak(command):
    """In MB; a process that Python starts itself would begin with Python's."""
    if not (gnu_time := shutil.which("time")):
        return float("nan")
    run([gnu_time, "-f", "%M", "-o", PEAK, *command])
    with open(PEAK) as measured:
        return int(measured.read()) / 1024


def batch(reasons, threads=2, path=LIST):
    output = ["--format", "ndjson", "--output", OUT, "--reasons", reasons]
    return ["target/release/eligo", "batch", path, *output, "--threads", str(threads)]


def measured(rows, commands):
    """Of each command the median of its times and its peak memory."""
    for path, options in ((LIST, []), (SHUFFLED, ["--shuffle-keys"])):
        with open(path, "wb") as output:
            subprocess.run(["target/release/examples/generate", "--rows", str(rows), *options], stdout=output, check=True)
    # Or they are stored while something is timed.
    os.sync()
    taken = {name: [] for name in commands}
    for _ in range(RUNS):
        for name, command in commands.items():
            taken[name].append(run(command))
    return {name: (statistics.median(times), peak(commands[name])) for name, times in taken.items()}


def main():
    floor = max(glob.glob("target/release/deps/floor-*[!d]"), key=os.path.getmtime)
    commands = {
        "skip-parse": [floor, LIST, "2"],
        "none": batch("none"),
        "none, 1 thread": batch("none", threads=1),
        "none, shuffled keys": batch("none", path=SHUFFLED),
        "deciding": batch("deciding"),
        "all": batch("all"),
    }
    if importlib.util.find_spec("duckdb"):
        commands["DuckDB"] = [sys.executable, "benches/duckdb.py", "--input", LIST, "--output", OUT, "--threads", "2"]
    before = None
    for rows in [int(argument) for argument in sys.argv[1:]] or [10_000, 100_000, 1_000_000]:
        found = measured(rows, commands)
        print(f"\n{rows} rows, {os.path.getsize(LIST) / 1e6:.0f} MB, 2 threads")
        for name, (seconds, memory) in found.items():
            print(f"  {name:20} {seconds:8.3f} s {memory:8.1f} MB")
        seconds = {name: taken for name, (taken, _) in found.items()}
        none = seconds["none"]
        ratios = {
            "none as a share of the speed of skip-parse": seconds["skip-parse"] / none,
            "deciding / none": seconds["deciding"] / none,
            "all / none": seconds["all"] / none,
            "two threads faster than one": seconds["none, 1 thread"] / none,
            "shuffled keys / constant order": seconds["none, shuffled keys"] / none,
        }
        if "DuckDB" in seconds:
            ratios["none / DuckDB"] = none / seconds["DuckDB"]
        if before:
            fewer, earlier = before
            for name in ("none", "all"):
                taken, memory = found[name]
                ratios[f"time a row, {name}, / that at {fewer} rows"] = (taken / rows) / (earlier[name][0] / fewer)
                ratios[f"peak memory, {name}, / that at {fewer} rows"] = memory / earlier[name][1]
        for name, ratio in ratios.items():
            print(f"  {name:55} {ratio:6.3f}", flush=True)
        before = (rows, found)


if __name__ == "__main__":
    main()
