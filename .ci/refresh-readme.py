"""Rewrites the blocks of README.md below `<!-- run: eligo … -->` with what target/release/eligo writes now."""

import pathlib
import re
import subprocess

path = pathlib.Path("README.md")


def refreshed(block: re.Match) -> str:
    arguments = block.group(2).split()[1:]
    output = subprocess.run(["target/release/eligo", *arguments], capture_output=True, text=True, check=False).stdout
    return f"{block.group(1)}{output}```\n"


text = path.read_text(encoding="utf-8")
path.write_text(re.sub(r"(<!-- run: (eligo .*?) -->\n+```\w*\n).*?^```\n", refreshed, text, flags=re.M | re.S), encoding="utf-8")
