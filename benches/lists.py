"""Measures `eligo batch` on generated lists of every shipped trial and of one that is all laboratory values, and prints one table.

    cargo build --release --examples --bins && cargo bench --bench floor --no-run && pip install duckdb==2.0.0
    python3 benches/lists.py [ROWS]

Times are CPU times (user and system, all threads), the least of several runs taken in turn: what else the machine does only
adds to them. Beside DuckDB the clock counts, too. What a run before has written is removed first, outside the timing. Peak
memory is GNU time's.
"""

import glob
import json
import os
import shutil
import statistics
import subprocess
import sys
import time

# Beside this file stands one with the name of a package.
del sys.path[0]

ELIGO, GENERATE = "target/release/eligo", "target/release/examples/generate"
OUT, PEAK = "target/bench-out", "target/bench-peak"
RUNS = 5
REASONS = ("none", "deciding", "all")
# Of each trial the options of the generator, NCT04546906 first: the others are compared with it.
TRIALS = {
    "nct04546906": ("criteria/nct04546906.yaml", []),
    "nct04546906 plain": ("criteria/nct04546906.yaml", ["--plain"]),
    "nct03057977": ("criteria/nct03057977.yaml", None),
    "nct03954834": ("criteria/nct03954834.yaml", None),
    "laboratory": ("tests/trials/protocols/lung-pd1.yaml", None),
}
DUCKDB = ("nct04546906", "nct04546906 plain")
# What each figure must be at most.
MUST = {
    "÷ DuckDB, NDJSON": 0.5,
    "÷ DuckDB, CSV": 0.6,
    "CSV ÷ NDJSON": 2,
    "a byte ÷ NCT04546906": 2,
    "deciding ÷ none": 1.3,
    "all ÷ none": 2.5,
    "peak MB": 64,
    "screen ms": 10,
}


class Run:
    """What one run of a command took: seconds by the clock, seconds of CPU, megabytes at the peak."""

    def __init__(self, command, codes=(0, 2)):
        for path in (OUT, PEAK):
            if os.path.exists(path):
                os.remove(path)
        # A process that Python starts itself would begin with Python's memory.
        timed = [shutil.which("time") or sys.exit("GNU time is needed"), "-q", "-f", "%M", "-o", PEAK, *command]
        started = time.perf_counter()
        process = subprocess.Popen(timed, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
        said = process.stderr.read()
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        self.clock = time.perf_counter() - started
        self.cpu = used.ru_utime + used.ru_stime
        if process.returncode not in codes:
            sys.exit(f"{' '.join(command)} ended with {process.returncode}: {said.decode(errors='replace')[:500]}")
        with open(PEAK) as peak:
            self.memory = int(peak.read()) / 1024


def best(commands, runs=RUNS):
    """Of each command the least that any run took, and the most memory."""
    taken = {name: [] for name in commands}
    for _ in range(runs):
        for name, command in commands.items():
            taken[name].append(Run(command))
    found = {}
    for name, all_runs in taken.items():
        found[name] = all_runs[0]
        for part, of in (("clock", min), ("cpu", min), ("memory", max)):
            setattr(found[name], part, of(getattr(run, part) for run in all_runs))
    return found


def elapsed(command):
    """Seconds from start to exit, of the command alone."""
    started = time.perf_counter()
    subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    return time.perf_counter() - started


def batch(path, trial, *options, threads=2):
    return [ELIGO, "batch", path, "--trial", trial, "--format", "ndjson", "--output", OUT, "--threads", str(threads), *options]


def generated(name, notation, rows, *more):
    trial, options = TRIALS[name]
    path = f"target/bench-{name.replace(' ', '-')}{''.join(more)}.{notation}"
    options = ["--trial", trial] if options is None else options
    with open(path, "wb") as output:
        subprocess.run([GENERATE, "--rows", str(rows), "--format", notation, *options, *more], stdout=output, check=True)
    return path


def duckdb(name, path, notation):
    options = ["--csv"] if notation == "csv" else ["--plain"] if name.endswith("plain") else []
    return [sys.executable, "benches/duckdb.py", "--input", path, "--output", OUT, "--threads", "2", *options]


def marked(value, must=None, digits=2):
    """A figure, with a mark if it misses what it must be."""
    text = f"{value:.{digits}f}"
    return f"**{text}**" if must is not None and value > must else text


def row(*cells):
    print("| " + " | ".join(cells) + " |", flush=True)


def header(*cells):
    row(*cells)
    print("|" + "---|" * len(cells))


def lists(rows, with_duckdb):
    """The table of every trial, as NDJSON and as CSV."""
    header("list", "bytes a row", "none", "deciding", "all", "deciding ÷ none", "all ÷ none", "CSV ÷ NDJSON", "a byte ÷ NCT04546906", "÷ DuckDB, clock", "÷ DuckDB, CPU", "peak MB")
    a_byte_of_first = None
    for name, (trial, _) in TRIALS.items():
        ndjson = None
        for notation in ("ndjson", "csv"):
            path = generated(name, notation, rows)
            os.sync()
            commands = {reasons: batch(path, trial, "--reasons", reasons) for reasons in REASONS}
            if with_duckdb and name in DUCKDB:
                commands["DuckDB"] = duckdb(name, path, notation)
            found = best(commands)
            none, deciding, every = (found[reasons].cpu for reasons in REASONS)
            ndjson = ndjson or none
            a_byte = none / os.path.getsize(path)
            a_byte_of_first = a_byte_of_first or a_byte
            against = [found["none"].clock / found["DuckDB"].clock, none / found["DuckDB"].cpu] if "DuckDB" in found else []
            must = MUST[f"÷ DuckDB, {notation.upper()}"]
            row(
                f"{name}, {notation.upper()}",
                str(os.path.getsize(path) // rows),
                *(f"{cpu / rows * 1e6:.2f} µs" for cpu in (none, deciding, every)),
                marked(deciding / none, MUST["deciding ÷ none"]),
                marked(every / none, MUST["all ÷ none"]),
                marked(none / ndjson, MUST["CSV ÷ NDJSON"]) if notation == "csv" else "",
                marked(a_byte / a_byte_of_first, MUST["a byte ÷ NCT04546906"]) if notation == "ndjson" else "",
                *([marked(ratio, must) for ratio in against] or ["", ""]),
                marked(max(found[reasons].memory for reasons in REASONS), MUST["peak MB"], 1),
            )


def as_yaml(value, indent=0):
    """A record in block style, as people write it."""
    lines = []
    for key, inner in value.items():
        if isinstance(inner, dict) and inner:
            lines.append(f"{' ' * indent}{key}:\n{as_yaml(inner, indent + 2)}")
        else:
            lines.append(f"{' ' * indent}{key}: {json.dumps(inner)}\n")
    return "".join(lines)


def others(rows):
    """What is measured once: keys in any order, one thread, the floor, YAML, memory at its worst, one record."""
    first = "nct04546906"
    trial = TRIALS[first][0]
    path = generated(first, "ndjson", rows)
    shuffled = generated(first, "ndjson", rows, "--shuffle-keys")
    stream = "target/bench-stream.yaml"
    documents = min(rows, 10_000)
    with open(path) as records, open(stream, "w") as output:
        for _, record in zip(range(documents), records):
            output.write(f"---\n{as_yaml(json.loads(record))}")
    empty = "target/bench-empty.ndjson"
    with open(empty, "w") as output:
        output.write("{}\n" * 1_500_000)
    floor = max(glob.glob("target/release/deps/floor-*[!d]"), key=os.path.getmtime)
    found = best({
        "none": batch(path, trial, "--reasons", "none"),
        "shuffled": batch(shuffled, trial, "--reasons", "none"),
        "one thread": batch(path, trial, "--reasons", "none", threads=1),
        "floor": [floor, path, "2"],
        "YAML": batch(stream, trial, "--reasons", "none"),
    })
    all_reasons = Run(batch(empty, trial, "--reasons", "all", threads=8))
    screen = [ELIGO, "screen", "examples/with-evidence.yaml"]
    alone = [elapsed(screen) for _ in range(41)]
    once = Run(screen, codes=(0, 1, 3))
    header("figure", "value")
    row("skip-parse of NCT04546906, NDJSON: CPU a row", f"{found['floor'].cpu / rows * 1e6:.2f} µs")
    row("CPU ÷ skip-parse", marked(found["none"].cpu / found["floor"].cpu))
    row("shuffled keys ÷ constant order, CPU", marked(found["shuffled"].cpu / found["none"].cpu))
    row("two threads faster than one, clock", marked(found["one thread"].clock / found["none"].clock))
    row(f"YAML stream: rows a second, two threads ({documents} documents)", f"{documents / found['YAML'].clock:.0f}")
    row("YAML stream: CPU a row", f"{found['YAML'].cpu / documents * 1e6:.0f} µs")
    row("peak MB: 1.5 million `{}`, all reasons, 8 threads", marked(all_reasons.memory, MUST["peak MB"], 1))
    row("`screen` of one record, start to exit: least of 41, ms", marked(min(alone) * 1000, MUST["screen ms"], 1))
    row("the same, median, ms", marked(statistics.median(alone) * 1000, MUST["screen ms"], 1))
    row("the same, peak MB", marked(once.memory, MUST["peak MB"], 1))


def main():
    rows = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000
    has_duckdb = subprocess.run([sys.executable, "-c", "import duckdb"], cwd="target", stderr=subprocess.DEVNULL).returncode == 0
    print(f"{rows} rows, 2 threads; CPU time a row; bold is what misses what it must be\n")
    lists(rows, has_duckdb)
    print()
    others(rows)


if __name__ == "__main__":
    main()
