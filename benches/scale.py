#!/usr/bin/env python3
"""Screens a long list, whole and in parts, and says how much memory that takes.

    python3 benches/scale.py --rows 10000000

Needs `cargo build --release --bins --examples`. The list is made while it is screened and stands on no disk. Memory is the
most that the process of eligo held at a time.
"""

import argparse
import os
import subprocess
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
ELIGO = ROOT / "target/release/eligo"
GENERATE = ROOT / "target/release/examples/generate"
DAY = "2026-11-28"


def measured(arguments, stdin=None):
    """Runs the program; the seconds it took, and its most memory in megabytes."""
    begin = time.perf_counter()
    process = subprocess.Popen([ELIGO, *map(str, arguments)], stdin=stdin, stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    seconds = time.perf_counter() - begin
    if os.waitstatus_to_exitcode(status) != 0:
        raise SystemExit(f"eligo ended with {os.waitstatus_to_exitcode(status)}")
    return seconds, usage.ru_maxrss / 1024


def screened(rows, seed, arguments):
    """Screens so many rows while they are made."""
    generate = [GENERATE, "--rows", str(rows), "--seed", str(seed)]
    with subprocess.Popen(generate, stdout=subprocess.PIPE) as made:
        found = measured(["batch", "-", "--as-of", DAY, *arguments], stdin=made.stdout)
    return found


def line(what, rows, seconds, memory):
    print(f"| {what:<34} | {rows:>10,} | {seconds:8.1f} | {rows / seconds:9,.0f} | {memory:7.0f} |", flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rows", type=int, default=10_000_000)
    parser.add_argument("--parts", type=int, default=10)
    options = parser.parse_args()
    print(f"| {'':<34} | {'rows':>10} | {'s':>8} | {'rows/s':>9} | {'MB':>7} |\n|{'-' * 36}|{'-' * 11}:|{'-' * 9}:|{'-' * 10}:|{'-' * 8}:|")
    with tempfile.TemporaryDirectory(prefix="eligo-bench-") as scratch:
        folder = Path(scratch)
        for rows in (options.rows // 100, options.rows // 10, options.rows):
            rows_out = ["--format", "ndjson", "--summary", os.devnull]
            line("one list, made meanwhile", rows, *screened(rows, 1, rows_out))
        part_rows = options.rows // options.parts
        summaries = [folder / f"{part}.json" for part in range(options.parts)]
        parts = [
            screened(part_rows, part + 1, ["--format", "ndjson", "--job", "--key", "candidate", "--summary", summary])
            for part, summary in enumerate(summaries)
        ]
        seconds, memory = sum(part for part, _ in parts), max(memory for _, memory in parts)
        line(f"{options.parts} parts, one after the other", part_rows * options.parts, seconds, memory)
        size = sum(summary.stat().st_size for summary in summaries) / options.rows
        line("their summaries, merged", options.rows, *measured(["summary", "merge", *summaries, "--output", folder / "whole.json"]))
        print(f"\nA summary of a part has {size:.0f} bytes a row.")


if __name__ == "__main__":
    main()
