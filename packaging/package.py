"""Packs a release build: the program, completions, manual pages, licences, the list of what is in it, and a checksum.

    cargo build --release --locked --no-default-features --features cli --target x86_64-unknown-linux-musl
    python3 packaging/package.py x86_64-unknown-linux-musl

writes target/dist/eligo-VERSION-TARGET.tar.gz (.zip for Windows) and the same with .sha256. Where the program cannot run
here, `--runs PATH` names one of the same version that can, which writes completions and manual pages. The same
build gives the same bytes: names are sorted, and every time is that of the commit.
"""

import argparse
import gzip
import hashlib
import io
import json
import os
import pathlib
import subprocess
import tarfile
import time
import tomllib
import zipfile

ROOT = pathlib.Path(__file__).resolve().parent.parent
SHELLS = {"bash": "eligo.bash", "zsh": "_eligo", "fish": "eligo.fish", "powershell": "_eligo.ps1", "elvish": "eligo.elv"}


def output(*command: str) -> bytes:
    return subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.PIPE).stdout


def contents(target: str, program: pathlib.Path, runs: str) -> dict[str, tuple[bytes, int]]:
    """Everything in the archive by its name, with its mode."""
    files = {program.name: (program.read_bytes(), 0o755)}
    for name in ["README.md", "CHANGELOG.md", "LICENSE", "LICENSE-APACHE", "LICENSE-MIT"]:
        files[name] = ((ROOT / name).read_bytes(), 0o644)
    for shell, name in SHELLS.items():
        files[f"completions/{name}"] = (output(runs, "completions", shell), 0o644)
    files["man/eligo.1"] = (output(runs, "man"), 0o644)
    for command in commands(runs):
        files[f"man/eligo-{command}.1"] = (output(runs, "man", command), 0o644)
    files["eligo.cdx.json"] = (bill_of_materials(target), 0o644)
    return files


def commands(runs: str) -> list[str]:
    """The commands that `eligo --help` lists."""
    listed = output(runs, "--help").decode().split("Commands:\n")[1].split("\n\n")[0]
    names = [line.split()[0] for line in listed.splitlines() if line.startswith("  ") and not line.startswith("   ")]
    return [name for name in names if name != "help"]


def bill_of_materials(target: str) -> bytes:
    """The crates that are compiled into the program, in CycloneDX 1.5."""
    packages = json.loads(output("cargo", "metadata", "--format-version", "1", "--locked", "--filter-platform", target))
    by_id = {package["id"]: package for package in packages["packages"]}
    nodes = {node["id"]: node for node in packages["resolve"]["nodes"]}
    reached, waiting = set(), [packages["resolve"]["root"]]
    while waiting:
        here = waiting.pop()
        if here in reached:
            continue
        reached.add(here)
        # What only tests and build scripts need is not in the program.
        waiting += [d["pkg"] for d in nodes[here]["deps"] if any(kind["kind"] is None for kind in d["dep_kinds"])]
    checksums = lock_checksums()

    def component(identity: str) -> dict:
        package = by_id[identity]
        name, version = package["name"], package["version"]
        purl = f"pkg:cargo/{name}@{version}"
        entry = {"type": "library", "bom-ref": purl, "name": name, "version": version, "purl": purl}
        if package.get("license"):
            entry["licenses"] = [{"expression": package["license"].replace("/", " OR ")}]
        if (name, version) in checksums:
            entry["hashes"] = [{"alg": "SHA-256", "content": checksums[name, version]}]
        return entry

    root = component(packages["resolve"]["root"]) | {"type": "application"}
    rest = sorted((component(identity) for identity in reached - {packages["resolve"]["root"]}), key=lambda entry: entry["purl"])
    bill = {"bomFormat": "CycloneDX", "specVersion": "1.5", "version": 1, "metadata": {"component": root}, "components": rest}
    return (json.dumps(bill, indent=1) + "\n").encode()


def lock_checksums() -> dict[tuple[str, str], str]:
    """What Cargo.lock holds the crates to."""
    lock = tomllib.loads((ROOT / "Cargo.lock").read_text(encoding="utf-8"))
    return {(entry["name"], entry["version"]): entry["checksum"] for entry in lock["package"] if "checksum" in entry}


def tar(files: dict, folder: str, when: int) -> bytes:
    plain = io.BytesIO()
    with tarfile.open(fileobj=plain, mode="w", format=tarfile.USTAR_FORMAT) as archive:
        for name, (data, mode) in sorted(files.items()):
            entry = tarfile.TarInfo(f"{folder}/{name}")
            entry.size, entry.mode, entry.mtime = len(data), mode, when
            archive.addfile(entry, io.BytesIO(data))
    return gzip.compress(plain.getvalue(), mtime=when)


def zipped(files: dict, folder: str, when: int) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, (data, mode) in sorted(files.items()):
            entry = zipfile.ZipInfo(f"{folder}/{name}", time.gmtime(when)[:6])
            entry.external_attr, entry.compress_type = mode << 16, zipfile.ZIP_DEFLATED
            archive.writestr(entry, data)
    return out.getvalue()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("target", help="such as x86_64-unknown-linux-musl")
    parser.add_argument("--runs", help="a build of the same version that runs here [default: the one that is packed]")
    arguments = parser.parse_args()
    is_windows = "windows" in arguments.target
    program = ROOT / "target" / arguments.target / "release" / ("eligo.exe" if is_windows else "eligo")
    runs = str(pathlib.Path(arguments.runs or program).resolve())
    version = output(runs, "--version").decode().split()[1]
    when = int(os.environ.get("SOURCE_DATE_EPOCH") or output("git", "log", "-1", "--format=%ct"))
    folder = f"eligo-{version}-{arguments.target}"
    pack, ending = (zipped, "zip") if is_windows else (tar, "tar.gz")
    data = pack(contents(arguments.target, program, runs), folder, when)
    archive = ROOT / "target" / "dist" / f"{folder}.{ending}"
    archive.parent.mkdir(parents=True, exist_ok=True)
    archive.write_bytes(data)
    archive.with_name(archive.name + ".sha256").write_text(f"{hashlib.sha256(data).hexdigest()}  {archive.name}\n")
    print(archive.relative_to(ROOT))


if __name__ == "__main__":
    main()
