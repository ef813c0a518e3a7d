#!/usr/bin/env python3
"""Builds the page: one file, which holds all that it needs and reaches nothing.

    web/build.py

Writes target/web/eligo.html, the same bytes from the same sources. Needs Rust with the target wasm32-unknown-unknown, and nothing else.
wasm-opt is left out: it makes the module a tenth smaller, and the page larger, since what it writes packs worse.
"""

import base64
import gzip
import hashlib
import json
import pathlib
import shutil
import subprocess
import sys

WEB = pathlib.Path(__file__).resolve().parent
ROOT = WEB.parent
TARGET = ROOT / "target" / "web"
PAGE = WEB / "page"
# Those that the button shows, one after the other.
EXAMPLES = ["first-line-refractory.yaml", "eligible.yaml", "pregnant.yaml", "with-evidence.yaml", "t-all.json"]


def run(*command, **options):
    subprocess.run([str(part) for part in command], check=True, **options)


def module():
    """Compiles the module, and writes it with its JavaScript below target/web/bound."""
    cargo = ["cargo", "build", "--release", "--locked", "--manifest-path", WEB / "Cargo.toml", "--target-dir", TARGET]
    run(*cargo, "--package", "eligo-web", "--target", "wasm32-unknown-unknown")
    run(*cargo, "--package", "eligo-bindgen")
    bound = TARGET / "bound"
    shutil.rmtree(bound, ignore_errors=True)
    made = TARGET / "wasm32-unknown-unknown" / "release" / "eligo_web.wasm"
    run(TARGET / "release" / "eligo-bindgen", made, bound)
    return bound / "eligo_web_bg.wasm", bound / "eligo_web.js"


def safe(text):
    """A script or data between its tags."""
    if "</script" in text.lower() or "<!--" in text:
        sys.exit("a script holds what would end it in a page")
    return text


def page(wasm, glue):
    read = lambda name: (PAGE / name).read_text(encoding="utf-8")
    # Without a time of its own, so that the same module packs to the same bytes.
    packed = base64.b64encode(gzip.compress(wasm.read_bytes(), 9, mtime=0)).decode("ascii")
    examples = [{"name": name, "text": (ROOT / "examples" / name).read_text(encoding="utf-8")} for name in EXAMPLES]
    script = "\n" + safe(glue.read_text(encoding="utf-8") + read("form.js") + read("page.js"))
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode("ascii")
    policy = "; ".join([
        "default-src 'none'",
        f"script-src 'sha256-{digest}' 'wasm-unsafe-eval'",
        # The sheet's own style has the candidate's pseudonym in it, so no digest of it can stand here.
        "style-src 'unsafe-inline'",
        "base-uri 'none'",
        "form-action 'none'",
    ])
    filled = read("page.html")
    for name, value in [
        ("POLICY", policy),
        ("STYLE", read("page.css")),
        ("MODULE", packed),
        ("EXAMPLES", safe(json.dumps(examples, ensure_ascii=False).replace("<", "\\u003c"))),
        ("SCRIPT", script.removeprefix("\n")),
    ]:
        head, found, tail = filled.partition(f"@{name}@")
        if not found:
            sys.exit(f"page.html has no place for {name}")
        filled = head + value + tail
    return filled.encode()


def main():
    wasm, glue = module()
    made = page(wasm, glue)
    path = TARGET / "eligo.html"
    beside = path.with_suffix(".new")
    beside.write_bytes(made)
    beside.replace(path)
    size = lambda count: f"{count / 1e6:.2f} MB"
    print(f"{path}: {size(len(made))}, by gzip {size(len(gzip.compress(made, 9)))}; the module {size(wasm.stat().st_size)}")
    print(f"sha256 {hashlib.sha256(made).hexdigest()}")


main()
