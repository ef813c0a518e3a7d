#!/usr/bin/env python3
"""Reads all YAML that is shipped with readers of other languages: PyYAML (YAML 1.1) and js-yaml (YAML 1.2).

The files of trials, cases, records and policies, the YAML blocks of the documentation, and what `eligo template` writes.
Both readers are installed, at a fixed version, into a directory that goes when this ends.
"""

import json
import pathlib
import re
import subprocess
import sys
import tempfile
import venv

ROOT = pathlib.Path(__file__).resolve().parent.parent
PYYAML = "pyyaml==6.0.3"
JS_YAML = "js-yaml@4.1.0"
READ_WITH_PYTHON = """
import json, sys, yaml
for name, text in json.load(sys.stdin):
    try:
        list(yaml.load_all(text, Loader=yaml.SafeLoader))
    except (yaml.YAMLError, ValueError) as error:
        print(f"PyYAML: {name}: {error}")
"""
READ_WITH_NODE = """
const yaml = require("js-yaml");
for (const [name, text] of JSON.parse(require("fs").readFileSync(0, "utf8"))) {
  try { yaml.loadAll(text); } catch (error) { console.log(`js-yaml: ${name}: ${error.message}`); }
}
"""


def shipped(program):
    """Every shipped YAML text with its name."""
    for folder in ["criteria", "examples", "tests/trials"]:
        for path in sorted((ROOT / folder).rglob("*.yaml")):
            yield str(path.relative_to(ROOT)), path.read_text(encoding="utf-8")
    for path in [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]:
        text = path.read_text(encoding="utf-8")
        for number, block in enumerate(re.findall(r"^```yaml\n(.*?)^```", text, re.M | re.S), 1):
            yield f"{path.relative_to(ROOT)}, block {number}", block
    for path in sorted((ROOT / "criteria").glob("*.yaml")) + sorted((ROOT / "tests/trials").glob("*.yaml")):
        # Beside a trial file stand its cases, and how its facts are read from FHIR.
        if path.name.endswith((".cases.yaml", ".fhir.yaml")):
            continue
        command = [program, "template", "--trial", str(path)]
        template = subprocess.run(command, check=True, capture_output=True, text=True, encoding="utf-8").stdout
        yield f"the template of {path.name}", template


def run(*command, **more):
    return subprocess.run(command, check=True, text=True, encoding="utf-8", **more)


def main():
    texts = json.dumps(list(shipped(sys.argv[1])))
    with tempfile.TemporaryDirectory() as place:
        python = pathlib.Path(place) / "venv"
        venv.create(python, with_pip=True)
        run(python / "bin/pip", "install", "--quiet", "--disable-pip-version-check", PYYAML)
        run("npm", "install", "--silent", "--no-audit", "--no-fund", "--prefix", place, JS_YAML)
        said = run(python / "bin/python", "-c", READ_WITH_PYTHON, input=texts, capture_output=True).stdout
        said += run("node", "-e", READ_WITH_NODE, input=texts, capture_output=True, cwd=place).stdout
    print(said, end="")
    print(f"{len(json.loads(texts))} texts read by PyYAML and js-yaml")
    sys.exit(1 if said else 0)


if __name__ == "__main__":
    main()
