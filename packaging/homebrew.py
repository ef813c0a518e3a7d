"""Writes the Homebrew formula of a release: `homebrew.py REPOSITORY-ADDRESS VERSION`, from the checksums in target/dist."""

import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
repository, version = sys.argv[1].rstrip("/"), sys.argv[2]


def checksum(match: re.Match) -> str:
    return (ROOT / f"target/dist/eligo-{version}-{match.group(1)}.tar.gz.sha256").read_text().split()[0]


formula = (ROOT / "packaging/homebrew.rb.in").read_text(encoding="utf-8").split("\n", 1)[1]
formula = re.sub(r"@SHA256 (\S+)@", checksum, formula)
formula = formula.replace("@DOWNLOADS@", f"{repository}/releases/download/v{version}").replace("@REPOSITORY@", repository)
(ROOT / "target/dist/eligo.rb").write_text(formula.replace("@VERSION@", version), encoding="utf-8")
