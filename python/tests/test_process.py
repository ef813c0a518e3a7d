"""The process: it ends with its reader, its failures are exceptions, and its memory does not grow with the list."""

import gc
import os
import signal
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import pyarrow as pa
import pytest
from conftest import DAY

import eligo


def children() -> list[int]:
    """The processes of this one that run the program."""
    found = []
    for task in Path("/proc/self/task").iterdir():
        for child in map(int, (task / "children").read_text().split()):
            if Path(f"/proc/{child}/exe").resolve() == eligo.binary().resolve():
                found.append(child)
    return found


def endless():
    """A list without an end."""
    batch = pa.record_batch({"id": pa.array(range(1000)), "ecog": pa.array([1] * 1000)})

    def batches():
        while True:
            yield batch

    return pa.RecordBatchReader.from_batches(batch.schema, batches())


def test_a_consumer_that_stops_early():
    results = eligo.screen(endless(), key="id", as_of=DAY)
    assert results.read_next_batch()["key"][0].as_py() == 0
    assert len(children()) == 1
    del results
    gc.collect()
    assert children() == []


def test_a_consumer_that_never_reads():
    results = eligo.screen(endless(), key="id", as_of=DAY)
    assert len(children()) == 1
    del results
    gc.collect()
    assert children() == []


def test_no_process_and_no_folder_is_left(few, tmp_path, monkeypatch):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    eligo.screen(few, key="id", as_of=DAY, trial=(Path(__file__).parents[2] / "criteria/nct04546906.yaml").read_text())
    with pytest.raises(eligo.CallError):
        eligo.screen(few, as_of=DAY)
    gc.collect()
    assert children() == []
    assert list(tmp_path.iterdir()) == []


def test_a_program_that_is_killed():
    results = eligo.screen(endless(), key="id", as_of=DAY)
    results.read_next_batch()
    os.kill(children()[0], signal.SIGKILL)
    with pytest.raises(eligo.ProgramFailed, match="was killed by signal 9 before it was done"):
        list(results)
    assert children() == []


def test_a_program_that_loses_rows(few, tmp_path, monkeypatch):
    """A stream that ends early looks like a whole one: the rows are counted."""
    program = tmp_path / "eligo"
    lose = f"""
        import pyarrow, sys
        reader = pyarrow.ipc.open_stream({str(tmp_path / "whole")!r})
        with pyarrow.ipc.new_stream(sys.stdout.buffer, reader.schema) as writer:
            writer.write_table(reader.read_all().slice(1))
    """
    (tmp_path / "lose.py").write_text(textwrap.dedent(lose))
    program.write_text(f'#!/bin/sh\n"{eligo.binary()}" "$@" > "{tmp_path}/whole"\n"{sys.executable}" "{tmp_path}/lose.py"\n')
    program.chmod(0o755)
    monkeypatch.setenv("ELIGO_BINARY", str(program))
    with pytest.raises(eligo.ProgramFailed, match="3 rows were given to `eligo`, and 2 came back"):
        eligo.screen(few, key="id", as_of=DAY)


def test_a_source_that_fails():
    """What was written before is no list: the program is not asked what it makes of a part."""
    batch = pa.record_batch({"id": pa.array(range(1000)), "ecog": pa.array([1] * 1000)})

    def batches():
        yield batch
        raise OSError("the warehouse is gone")

    reader = pa.RecordBatchReader.from_batches(batch.schema, batches())
    with pytest.raises(OSError, match="the warehouse is gone"):
        eligo.screen(reader, key="id", as_of=DAY).read_all()
    assert children() == []


def test_no_program(few, monkeypatch, tmp_path):
    monkeypatch.setenv("ELIGO_BINARY", str(tmp_path / "eligo"))
    with pytest.raises(eligo.BinaryNotFound, match="`ELIGO_BINARY` names no program"):
        eligo.screen(few, as_of=DAY)
    for text in ("not a program", "#!/nowhere/sh\n"):
        (tmp_path / "eligo").write_text(text)
        (tmp_path / "eligo").chmod(0o755)
        with pytest.raises(eligo.BinaryNotFound, match="cannot be started"):
            eligo.screen(few, as_of=DAY)


def test_a_package_that_was_copied_without_its_program(tmp_path):
    """As `--py-files` does."""
    copied = tmp_path / "eligo"
    copied.mkdir()
    for file in Path(eligo.__file__).parent.glob("*.py"):
        (copied / file.name).write_text(file.read_text())
    code = "import sys, sysconfig; sysconfig.get_path = lambda *_: '/nowhere'; sys.executable = '/nowhere'; import eligo; eligo.binary()"
    environment = {name: value for name, value in os.environ.items() if name != "ELIGO_BINARY"} | {"PYTHONPATH": str(tmp_path)}
    run = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=False)
    assert "BinaryNotFound" in run.stderr
    assert "install the wheel with pip on every machine that screens" in run.stderr


def test_the_command_is_installed():
    """`pip install eligo` gives the command too."""
    shown = subprocess.run([eligo.binary(), "--version"], capture_output=True, text=True, check=True).stdout
    assert shown.startswith("eligo ")


def test_the_memory_of_a_million_rows_is_that_of_a_hundred_thousand(candidates):
    """Both of Python and of the program: a reader of 1,000,000 rows, made of one file over and over."""
    code = f"""
        import resource, sys, pyarrow, pyarrow.parquet, eligo

        def rss():
            with open("/proc/self/status") as status:
                return next(int(line.split()[1]) for line in status if line.startswith("VmRSS"))

        def batches():
            for _ in range(10):
                with pyarrow.parquet.ParquetFile({str(candidates.parquet)!r}) as file:
                    yield from file.iter_batches(1000)

        schema = pyarrow.parquet.read_schema({str(candidates.parquet)!r})
        rows, sizes = 0, {{}}
        for batch in eligo.screen(pyarrow.RecordBatchReader.from_batches(schema, batches()), key="id", as_of="{DAY}"):
            rows += batch.num_rows
            sizes[rows // 100_000] = rss()
        print(rows, sizes[1], sizes[9], resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)
    """
    begin = time.monotonic()
    run = subprocess.run([sys.executable, "-c", textwrap.dedent(code)], capture_output=True, text=True, check=True)
    rows, early, late, program = map(int, run.stdout.split())
    print(f"{rows} rows in {time.monotonic() - begin:.1f} s; Python {early >> 10} MB, then {late >> 10} MB; the program {program >> 10} MB")
    assert rows == 1_000_000
    assert late < early + (64 << 10)
    # With repeated candidates and keys it counts 24 bytes a row and more, beside its blocks and caches.
    assert program < 300 << 10
