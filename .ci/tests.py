"""Runs the README's test command, and says of each file of tests whether it holds and how long it took.

What a file with a failing test wrote is shown whole. A suite beyond five minutes on two cores fails too: what takes long is not run.
"""

import pathlib
import re
import resource
import subprocess
import sys

SECONDS, CORES = 300, 2

readme = pathlib.Path("README.md").read_text(encoding="utf-8")
commands = re.findall(r"^cargo test.*$", readme, re.M)
if len(commands) != 1:
    sys.exit(f"README.md should name one test command: {commands}")
command = commands[0].split() + ["--locked"]

print("$", *command, flush=True)
if subprocess.run([*command, "--no-run", "--quiet"], check=False).returncode:
    sys.exit("the tests do not compile")


def spent():
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


before = spent()
failed = []
name, wrote = None, []


def broken_off():
    if name:
        print("".join(wrote), flush=True)
        failed.append(f"{name}: ended without a result")


running = subprocess.Popen(
    [*command, "--no-fail-fast", "--color", "never"], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace"
)
for line in running.stdout:
    if begins := re.match(r" *(?:Running (?:unittests )?(\S+) \(|(Doc-tests) )", line):
        broken_off()
        name, wrote = begins[1] or begins[2], []
        continue
    wrote.append(line)
    if ends := re.match(r"test result: (\w+)\. (\d+) passed; (\d+) failed; .* finished in ([\d.]+)s", line):
        print(f"{float(ends[4]):7.1f} s {ends[2]:>4} passed  {name}", flush=True)
        if ends[1] != "ok":
            print("".join(wrote), flush=True)
            failed.append(f"{name}: {ends[3]} failed")
        name = None
        wrote = []
broken_off()
code = running.wait()
used = spent() - before
print(f"{used:.0f} s of processor time, of the {SECONDS * CORES} s that are five minutes on two cores")
if code:
    sys.exit("\n".join(["".join(wrote), *failed]))
if used > SECONDS * CORES:
    sys.exit("the suite is too slow")
