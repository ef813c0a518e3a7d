"""Rewrites the blocks below `<!-- run: eligo … -->` in README.md and docs/*.md with what target/release/eligo writes now."""

import pathlib
import re
import subprocess


def refreshed(block: re.Match) -> str:
    command = block.group(2)
    messages = subprocess.STDOUT if command.endswith(" 2>&1") else subprocess.DEVNULL
    arguments = command.removesuffix(" 2>&1").split()[1:]
    run = subprocess.run(["target/release/eligo", *arguments], stdout=subprocess.PIPE, stderr=messages, text=True, check=False)
    return f"{block.group(1)}{run.stdout}```\n"


for path in [pathlib.Path("README.md"), *sorted(pathlib.Path("docs").glob("*.md"))]:
    text = path.read_text(encoding="utf-8")
    path.write_text(re.sub(r"(<!-- run: (eligo .*?) -->\n+```\w*\n).*?^```\n", refreshed, text, flags=re.M | re.S), encoding="utf-8")
