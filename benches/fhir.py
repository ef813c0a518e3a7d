#!/usr/bin/env python3
"""What reading FHIR costs: rows a second and peak memory, by the number of patients in a bulk export.

    cargo build --release --bins && python3 benches/fhir.py 10 1000 10000

Each export is made below target/: a file a type, 40 resources a patient in an order that mixes the patients, some 1.2 kB each, as
servers write them. The first patient of each is the same one, so that a longer export is no other feed.
"""

import json
import os
import pathlib
import random
import shutil
import subprocess
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
ELIGO = ROOT / "target/release/eligo"
DIRECTORY = ROOT / "target/fhir"
LOINC, SNOMED = "http://loinc.org", "http://snomed.info/sct"
# What the trial asks for, and what every chart has besides.
WANTED = ["89247-1", "10230-1", "59408-5", "29610-3", "11259-9", "5196-1", "13952-7", "56888-1"]
OTHERS = ["718-7", "777-3", "6690-2", "8302-2", "29463-7", "2085-9", "2093-3", "4544-3", "785-6", "786-4"]


def coded(system, code):
    return {"coding": [{"system": system, "code": code, "display": "as a server displays it, at some length"}], "text": "as a server displays it"}


def resources(number):
    """The patient of this number, and what is known of him."""
    draw = random.Random(number)
    patient, subject = f"p{number:07}", {"reference": f"Patient/p{number:07}"}
    filler = {"meta": {"versionId": "1", "lastUpdated": "2026-11-01T10:00:00Z", "profile": ["http://example.org/StructureDefinition/some-profile"]},
              "text": {"status": "generated", "div": "<div xmlns=\"http://www.w3.org/1999/xhtml\">" + "narrative " * 40 + "</div>"}}
    yield {"resourceType": "Patient", "id": patient, **filler, "gender": draw.choice(["male", "female"]), "birthDate": f"20{draw.randrange(10, 24)}-05-{draw.randrange(1, 28):02}"}
    status = {"clinicalStatus": coded("http://terminology.hl7.org/CodeSystem/condition-clinical", "active"),
              "verificationStatus": coded("http://terminology.hl7.org/CodeSystem/condition-ver-status", "confirmed")}
    for at, code in enumerate(["277571004", "73595000", "195662009", "160903007", "72892002"]):
        yield {"resourceType": "Condition", "id": f"{patient}-c{at}", **filler, **status, "code": coded(SNOMED, code), "subject": subject, "onsetDateTime": "2025-03-01"}
    for at in range(33):
        code = WANTED[at % 8] if at < 12 else OTHERS[at % 10]
        one = {"resourceType": "Observation", "id": f"{patient}-o{at}", **filler, "status": draw.choice(["final"] * 9 + ["preliminary"]), "code": coded(LOINC, code),
               "subject": subject, "effectiveDateTime": f"2026-{1 + at % 10:02}-15T10:00:00+08:00", "performer": [{"reference": "Practitioner/x", "display": "Dr X"}]}
        if code == "89247-1":
            one["valueInteger"] = draw.randrange(0, 4)
        elif code in ("10230-1", "59408-5"):
            one["valueQuantity"] = {"value": draw.randrange(55, 90), "unit": "%", "system": "http://unitsofmeasure.org", "code": "%"}
        elif code in WANTED:
            one["valueCodeableConcept"] = coded(SNOMED, draw.choice(["260415000", "260385009", "131194007"]))
        else:
            one["valueQuantity"] = {"value": draw.randrange(1, 300), "unit": "g/L", "system": "http://unitsofmeasure.org", "code": "g/L"}
        yield one
    yield {"resourceType": "AllergyIntolerance", "id": f"{patient}-a", **filler, "verificationStatus": coded("http://terminology.hl7.org/CodeSystem/allergyintolerance-verification", "confirmed"),
           "code": coded(SNOMED, "91936005"), "patient": subject}


def write(directory, count):
    """An export of so many patients; neighbours in a file are of different patients."""
    directory.mkdir(parents=True)
    files = {}
    for block in range(0, count, 500):
        made = [one for number in range(block, min(block + 500, count)) for one in resources(number)]
        random.Random(block).shuffle(made)
        for one in made:
            kind = one["resourceType"]
            if kind not in files:
                files[kind] = open(directory / f"{kind}.ndjson", "w", encoding="utf-8")
            files[kind].write(json.dumps(one, separators=(",", ":")) + "\n")
    for file in files.values():
        file.close()


def measure(arguments):
    """Seconds by the clock, seconds of the processors, MB at the peak."""
    began = time.monotonic()
    child = subprocess.Popen([ELIGO, *arguments], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    _, status, used = os.wait4(child.pid, 0)
    if os.waitstatus_to_exitcode(status) != 0:
        sys.exit(f"eligo {' '.join(map(str, arguments))} ended with {os.waitstatus_to_exitcode(status)}")
    return time.monotonic() - began, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024


def bundle(megabytes):
    """One Bundle of about so many MB, of one patient."""
    path, entries, size = DIRECTORY / f"{megabytes}.json", [], 0
    patient, *rest = resources(0)
    number = 0
    while size < megabytes * 1_000_000:
        for one in rest:
            one = dict(one, id=f"{one['id']}-{number}")
            entries.append({"fullUrl": f"http://example.org/fhir/{one['resourceType']}/{one['id']}", "resource": one})
            size += len(json.dumps(entries[-1]))
        number += 1
    entries.append({"resource": patient})
    path.write_text(json.dumps({"resourceType": "Bundle", "type": "collection", "entry": entries}), encoding="utf-8")
    return path


def main():
    counts = [int(count) for count in sys.argv[1:]] or [10, 1000, 10000]
    shutil.rmtree(DIRECTORY, ignore_errors=True)
    print("| feed | MB | seconds | patients a second | CPU a patient | peak MB |\n|---|---|---|---|---|---|")
    for count in counts:
        directory = DIRECTORY / str(count)
        write(directory, count)
        size = sum(file.stat().st_size for file in directory.iterdir()) / 1_000_000
        runs = [measure(["batch", directory, "--from", "fhir", "--as-of", "2026-11-20", "--format", "ndjson", "--output", "/dev/null"]) for _ in range(3)]
        clock, used, peak = min(run[0] for run in runs), min(run[1] for run in runs), max(run[2] for run in runs)
        print(f"| {count} patients, {40 * count} resources | {size:.1f} | {clock:.2f} | {count / clock:.0f} | {used / count * 1000:.2f} ms | {peak:.0f} |", flush=True)
    path = bundle(100)
    clock, used, peak = measure(["map", "fhir", path, "--as-of", "2026-11-20"])
    print(f"| a Bundle of one patient | {path.stat().st_size / 1_000_000:.1f} | {clock:.2f} | | {used:.2f} s | {peak:.0f} |")
    shutil.rmtree(DIRECTORY, ignore_errors=True)


main()
