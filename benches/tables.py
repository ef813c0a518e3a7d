#!/usr/bin/env python3
"""What reading a site's own tables costs: rows a second and peak memory, as CSV and as a workbook.

    cargo build --release --bins && python3 benches/tables.py 10 10000 100000

The rows are those of examples/sources/hospital.csv, 37 columns, again and again with another pseudonym each, below target/. In the
workbook every cell is a text, as an export writes it.
"""

import csv
import io
import os
import pathlib
import subprocess
import sys
import time
import zipfile
from xml.sax.saxutils import escape

ROOT = pathlib.Path(__file__).resolve().parent.parent
ELIGO = ROOT / "target/release/eligo"
DIRECTORY = ROOT / "target/tables"
EXAMPLE = ROOT / "examples/sources/hospital.csv"
SOURCE = ROOT / "examples/sources/hospital.source.yaml"
MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006/relationships"


def rows(count):
    with EXAMPLE.open(encoding="utf-8-sig", newline="") as file:
        header, *known = csv.reader(file, delimiter=";")
    yield header
    for number in range(count):
        yield [f"LDP-{number:07}", *known[number % len(known)][1:]]


def write_csv(path, count):
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, delimiter=";").writerows(rows(count))


def write_workbook(path, count):
    sheet = io.StringIO()
    sheet.write(f'<worksheet xmlns="{MAIN}"><sheetData>')
    for number, row in enumerate(rows(count), 1):
        cells = (f'<c t="inlineStr"><is><t xml:space="preserve">{escape(cell)}</t></is></c>' for cell in row)
        sheet.write(f'<row r="{number}">{"".join(cells)}</row>')
    sheet.write("</sheetData></worksheet>")
    parts = {
        "_rels/.rels": f'<Relationships xmlns="{PACKAGE}"><Relationship Id="rId1" Type="{OFFICE}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": f'<workbook xmlns="{MAIN}" xmlns:r="{OFFICE}"><sheets><sheet name="Referrals" sheetId="1" r:id="rId1"/></sheets></workbook>',
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{PACKAGE}"><Relationship Id="rId1" Type="{OFFICE}/worksheet" Target="worksheets/sheet1.xml"/></Relationships>',
        "xl/worksheets/sheet1.xml": sheet.getvalue(),
    }
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)


def measure(path, count):
    """Seconds and peak megabytes of screening the table without reasons."""
    command = [ELIGO, "batch", path, "--source", SOURCE, "--reasons", "none", "--format", "ndjson", "--output", DIRECTORY / "rows.ndjson"]
    begun = time.perf_counter()
    running = subprocess.Popen(list(map(str, command)), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    _, status, used = os.wait4(running.pid, 0)
    took = time.perf_counter() - begun
    if os.waitstatus_to_exitcode(status) != 0:
        sys.exit(f"failed: {command}")
    with (DIRECTORY / "rows.ndjson").open("rb") as file:
        written = sum(1 for _ in file)
    if written != count:
        sys.exit(f"{written} rows came out of {count}")
    return took, used.ru_maxrss / 1024


def main():
    DIRECTORY.mkdir(parents=True, exist_ok=True)
    print("| table | MB | seconds | rows a second | peak MB |\n|---|---|---|---|---|")
    for count in map(int, sys.argv[1:] or ["10", "10000"]):
        for kind, ending, write in [("CSV", "csv", write_csv), ("workbook", "xlsx", write_workbook)]:
            path = DIRECTORY / f"{count}.{ending}"
            write(path, count)
            took, peak = min(measure(path, count) for _ in range(3))
            print(f"| {kind}, {count} rows | {path.stat().st_size / 1e6:.1f} | {took:.2f} | {count / took:.0f} | {peak:.0f} |", flush=True)


main()
