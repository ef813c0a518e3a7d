#!/usr/bin/env python3
"""Compares two lists of verdicts row by row: what eligo wrote, and what `duckdb.py` made of the same list.

    python3 benches/compare.py list.ndjson eligo.ndjson duckdb.ndjson

Rows are paired by their place, and there must be as many as in the list. Exit code 0 if every row agrees on all verdicts and on the eligibility, 1 if not.
"""

import argparse
import itertools
import json
import sys
from collections import Counter


def differences(ours, theirs):
    """What two rows do not agree on: name, here, there."""
    for field in ("line", "candidate", "eligibility"):
        if field == "line" and field not in theirs:
            continue  # left out for speed: the place of the row tells
        if ours.get(field) != theirs.get(field):
            yield field, ours.get(field), theirs.get(field)
    left, right = ours.get("verdicts", {}), theirs.get("verdicts", {})
    for criterion in dict.fromkeys([*left, *right]):
        if left.get(criterion) != right.get(criterion):
            yield criterion, left.get(criterion), right.get(criterion)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("input", help="the list that both were made from")
    parser.add_argument("eligo", help="the output of `eligo batch --format ndjson`")
    parser.add_argument("duckdb", help="the output of `duckdb.py`")
    parser.add_argument("--show", type=int, default=10, metavar="N", help="how many differing rows to show, with their records")
    options = parser.parse_args()

    eligibilities, verdicts, wrong, differing = Counter(), Counter(), Counter(), {}
    rows = 0
    with open(options.input, "rb") as records, open(options.eligo, "rb") as left, open(options.duckdb, "rb") as right:
        for rows, (record, ours, theirs) in enumerate(itertools.zip_longest(records, left, right), start=1):
            if record is None or ours is None or theirs is None:
                wrong["rows that not all three files have"] += 1
                continue
            ours, theirs = json.loads(ours), json.loads(theirs)
            eligibilities[ours["eligibility"]] += 1
            verdicts.update(ours.get("verdicts", {}).items())
            found = list(differences(ours, theirs))
            wrong.update(name for name, _, _ in found)
            if found and len(differing) < options.show:
                differing[rows] = found, record.decode(errors="replace").rstrip()

    print(f"{rows} rows: " + ", ".join(f"{count} {name}" for name, count in eligibilities.most_common()))
    for criterion in dict.fromkeys(criterion for criterion, _ in verdicts):
        counts = [f"{verdicts[criterion, verdict]} {verdict}" for verdict in ("pass", "fail", "unknown", "not_applicable")]
        print(f"  {criterion:4}" + ", ".join(count for count in counts if not count.startswith("0 ")))
    if rows == 0:
        sys.exit("nothing to compare")
    if not wrong:
        print("all agree")
        return
    print("they differ: " + ", ".join(f"{name} in {count}" for name, count in wrong.most_common()))
    for row, (found, record) in differing.items():
        print(f"row {row}: " + "; ".join(f"{name} is {ours} by eligo, {theirs} by DuckDB" for name, ours, theirs in found))
        print(f"    {record}")
    sys.exit(1)


if __name__ == "__main__":
    main()
