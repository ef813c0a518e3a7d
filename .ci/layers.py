#!/usr/bin/env python3
"""Refuses imports that go up: a module of the library may use those that stand before it here, and no others.

A module of the tests inside a file is left out, and so are comments.
"""

import pathlib
import re
import sys

LAYERS = {
    "the language": ["diagnostic", "json_escape", "document", "shape", "value", "units", "facts", "cql", "entry", "evaluate"],
    "the core": ["record", "fhirpath", "trial", "screening", "screener", "report", "merge", "log", "answer"],
    "lists and tools of authors": ["batch", "source", "cases", "partition", "coverage", "mutation", "lint", "explain", "schema", "template", "interview", "questionnaire", "diff"],
}
SOURCE = pathlib.Path(__file__).resolve().parent.parent / "src"
# The command line stands above them all, and is a program of its own.
ABOVE = {"cli", "main", "lib"}

order = [module for modules in LAYERS.values() for module in modules]


def imports(text):
    """The modules that a file names, each with its line."""
    text = re.sub(r"//.*", "", text)
    text = re.split(r"^#\[cfg\(test\)\]\nmod \w+ \{", text, maxsplit=1, flags=re.M)[0]
    for found in re.finditer(r"\bcrate::(?:\{([^;]*?)\};|([a-z]\w*))", text, re.S):
        several, one = found.groups()
        for name in [one] if one else re.findall(r"(?:^|,)\s*([a-z]\w*)", several):
            yield name, text.count("\n", 0, found.start()) + 1


def main():
    wrong = []
    for path in sorted(SOURCE.rglob("*.rs")):
        module = path.relative_to(SOURCE).parts[0].removesuffix(".rs")
        if module in ABOVE:
            continue
        place = path.relative_to(SOURCE.parent)
        if module not in order:
            wrong.append(f"{place}: `{module}` has no place in the layers of .ci/layers.py")
            continue
        for name, line in imports(path.read_text(encoding="utf-8")):
            if name not in order:
                wrong.append(f"{place}:{line}: `crate::{name}` has no place in the layers of .ci/layers.py")
            elif order.index(name) > order.index(module):
                wrong.append(f"{place}:{line}: `{module}` uses `{name}`, which stands above it")
    print("\n".join(wrong) or f"{len(order)} modules, no import goes up")
    sys.exit(bool(wrong))


main()
