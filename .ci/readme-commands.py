"""Runs every command of the README's `sh` blocks, in order, as it is written there, but for `cargo test`: tests.py runs that.

A command must exit with 0, or with the code that a comment behind it names: `… # exit 3`.
"""

import pathlib
import re
import subprocess
import sys

readme = pathlib.Path("README.md").read_text(encoding="utf-8")
commands = [line for block in re.findall(r"^```sh\n(.*?)^```", readme, re.M | re.S) for line in block.splitlines() if line.strip()]
commands = [command for command in commands if not command.startswith("cargo test")]

for command in commands:
    named = re.search(r"#\s*exit (\d)", command)
    wanted = int(named.group(1)) if named else 0
    print(f"\n$ {command}", flush=True)
    code = subprocess.run(["bash", "-c", command], stdin=subprocess.DEVNULL, check=False).returncode
    if code != wanted:
        sys.exit(f"exit code {code}, wanted {wanted}: {command}")
print(f"\n{len(commands)} commands of README.md hold")
