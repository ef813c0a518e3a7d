"""The program `eligo`: where it is, and calls of it.

A `Call` can be made on another machine: it carries the text of its files, and takes nothing from the environment, the working folder or
the settings there. `Call.run` waits for the output. `Call.stream` feeds record batches to standard input from a thread of its own while
the caller reads record batches from standard output, so a list of any length takes the memory of a few batches.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import sys
import sysconfig
import tempfile
import threading
import weakref
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import IO

import pyarrow as pa
from pyarrow import csv

from .errors import BinaryNotFound, CallError, EligoError, ProgramFailed, RowsError, parse

#: A batch is cut so that both sides hold little: at most this many rows, and about this many bytes.
_BATCH_ROWS = 8192
_BATCH_BYTES = 16 << 20
#: Seconds that a source gets to return from the batch it is making, after nobody wants it any more.
_PATIENCE = 5.0
_EXCEPTIONS: dict[int, type[EligoError]] = {2: CallError, 4: RowsError}


def binary() -> Path:
    """The program that this package calls.

    It is the one that was installed with the package. The environment variable `ELIGO_BINARY` names another.

    Raises
    ------
    BinaryNotFound
        It is not where an installation puts it: the package was copied without it.
    """
    named = os.environ.get("ELIGO_BINARY")
    name = "eligo.exe" if os.name == "nt" else "eligo"
    # In this order: the environment itself, `pip install --user`, `pip install --target`, and an unpacked environment
    # whose Python was started under another prefix.
    places = (
        [Path(named)]
        if named
        else [
            Path(sysconfig.get_path("scripts"), name),
            Path(sysconfig.get_path("scripts", sysconfig.get_preferred_scheme("user")), name),
            Path(__file__).parent.parent / "bin" / name,
            Path(sys.executable).parent / name,
        ]
    )
    for place in places:
        if place.is_file() and os.access(place, os.X_OK):
            return place.absolute()
    searched = ", ".join(f"`{place}`" for place in dict.fromkeys(places))
    advice = (
        "`ELIGO_BINARY` names no program; correct it or unset it"
        if named
        else "install the wheel with pip on every machine that screens: a copy of the Python files alone (`--py-files`) is not enough"
    )
    raise BinaryNotFound(f"the program `eligo` is not on this machine; looked for {searched}; {advice}")


@dataclass(frozen=True)
class File:
    """An input of a call, by its path on this machine or as the text itself."""

    name: str
    text: bytes | None = None

    @classmethod
    def of(cls, given: str | os.PathLike[str], name: str) -> File:
        """`given` is a path, or the text itself if it has a line break; `name` is what messages call a text."""
        if isinstance(given, str) and "\n" in given:
            return cls(name, given.encode())
        return cls(os.path.abspath(given))

    def packed(self) -> File:
        """The same, readable on a machine that does not have the file."""
        if self.text is not None:
            return self
        try:
            return File(os.path.basename(self.name), Path(self.name).read_bytes())
        except OSError as error:
            raise CallError(f"cannot read `{self.name}`: {error.strerror}") from error


@dataclass(frozen=True)
class Call:
    """A call of the program: arguments, options whose values are files, exit codes that are no errors, the column of the key."""

    arguments: tuple[str, ...]
    files: Mapping[str, File] = field(default_factory=dict)
    accepted: tuple[int, ...] = (0,)
    key: str | None = None
    #: Whether record batches are written as CSV for it.
    as_csv: bool = False

    def with_arguments(self, *arguments: str) -> Call:
        """The same call with more arguments."""
        return replace(self, arguments=self.arguments + arguments)

    def packed(self) -> Call:
        """The same call with its files inside, to be made on another machine."""
        return replace(self, files={option: file.packed() for option, file in self.files.items()})

    def run(self, given: bytes = b"") -> bytes:
        """What the program writes when `given` is its standard input."""
        with Process(self) as process:
            output, _ = process.popen.communicate(given)
            process.check()
            return output

    def consume(self, source: pa.RecordBatchReader) -> bytes:
        """What the program writes of the record batches of `source`, as a whole."""
        with Process(self) as process:
            process.feed(source, source.schema)
            output = process.stdout.read()
            process.finish()
            return output

    def stream(self, source: Iterable[pa.RecordBatch], schema: pa.Schema) -> pa.RecordBatchReader:
        """The record batches that the program makes of those of `source`, one row for each row.

        The process ends with the last batch, or when the reader is dropped.
        """
        process = Process(self)
        try:
            process.feed(source, schema)
            reader = process.open()
        except BaseException:
            process.close()
            raise
        results = reader.schema if self.key is None else _with_type_of_key(reader.schema, schema.field(self.key).type)
        return pa.RecordBatchReader.from_batches(results, _results(process, reader, results))

    def read(self) -> pa.RecordBatchReader:
        """The record batches that the program writes without an input of ours."""
        process = Process(self)
        try:
            process.stdin.close()
            reader = process.open()
        except BaseException:
            process.close()
            raise
        return pa.RecordBatchReader.from_batches(reader.schema, _results(process, reader, reader.schema))

    def result_schema(self, schema: pa.Schema) -> pa.Schema:
        """The columns of the result for rows with this schema. What is wrong with the call is found here, before any row."""
        return self.stream((), schema).read_all().schema


class Process:
    """A running call. It is killed and reaped by `close`, by being dropped, and at the end of Python."""

    def __init__(self, call: Call) -> None:
        self._call = call
        self._feeder: _Feeder | None = None
        with contextlib.ExitStack() as resources:
            folder = Path(tempfile.mkdtemp(prefix="eligo-"))
            resources.callback(shutil.rmtree, folder, ignore_errors=True)
            # The nearest file of settings is this one, so those of the folders above have no part in the result.
            (folder / "eligo.toml").touch()
            self._errors: IO[bytes] = resources.enter_context(tempfile.TemporaryFile())
            self.popen = _start([*call.arguments, *_write_files(call.files, folder)], folder, self._errors)
            resources.callback(_end, self.popen)
            self._resources = resources.pop_all()
        # Refers to the resources alone: one to the process would keep it alive.
        self.close = weakref.finalize(self, self._resources.close)

    def __enter__(self) -> Process:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def stdin(self) -> IO[bytes]:
        """Standard input of the program."""
        assert self.popen.stdin is not None
        return self.popen.stdin

    @property
    def stdout(self) -> IO[bytes]:
        """Standard output of the program."""
        assert self.popen.stdout is not None
        return self.popen.stdout

    def feed(self, source: Iterable[pa.RecordBatch], schema: pa.Schema) -> None:
        """Begins to write the batches to standard input."""
        self._feeder = _Feeder(source, schema, self.popen, as_csv=self._call.as_csv)
        self._resources.callback(self._feeder.wind_up)
        self._resources.callback(self.popen.kill)
        self._feeder.start()

    def open(self) -> pa.RecordBatchReader:
        """The stream of record batches on standard output; waits for its schema."""
        try:
            return pa.ipc.open_stream(self.stdout)
        except (pa.ArrowInvalid, OSError) as error:
            broken = error
        self.finish(broken)
        raise AssertionError("output that is broken is an error")

    def finish(self, broken: Exception | None = None, rows: int | None = None) -> None:
        """Waits for the end, and raises what went wrong: with the source, or with the program.

        `broken` is what was wrong with the output, `rows` how many rows it had.
        """
        self.popen.wait()
        if self._feeder is not None and self._feeder.error is not None:
            raise self._feeder.error
        self.check()
        if broken is not None:
            raise ProgramFailed(f"the output of `eligo` cannot be read: {broken}") from broken
        if self._feeder is not None:
            self._feeder.join()
            # Of CSV, a source file may make one candidate of several rows.
            if rows is not None and rows != self._feeder.rows and not self._call.as_csv:
                raise ProgramFailed(f"{self._feeder.rows} rows were given to `eligo`, and {rows} came back")

    def check(self) -> None:
        """Raises what the program says if its exit code is an error."""
        code = self.popen.returncode
        if code in self._call.accepted:
            return
        self._errors.seek(0)
        text = self._errors.read().decode(errors="replace").strip()
        if code < 0:
            raise ProgramFailed("\n".join(filter(None, [f"`eligo` was killed by signal {-code} before it was done", text])))
        exception = _EXCEPTIONS.get(code, ProgramFailed)
        raise exception(text.removeprefix("error: ") or f"`eligo` ended with exit code {code} and said nothing", parse(text))


class _Feeder(threading.Thread):
    """Writes record batches to the standard input of a process, which blocks while the program has enough to do."""

    def __init__(self, source: Iterable[pa.RecordBatch], schema: pa.Schema, popen: subprocess.Popen[bytes], *, as_csv: bool) -> None:
        super().__init__(name="eligo-input", daemon=True)
        self._source = source
        self._schema = schema
        self._popen = popen
        self._as_csv = as_csv
        self.rows = 0
        #: What went wrong with the source.
        self.error: BaseException | None = None

    def run(self) -> None:
        try:
            self._write()
        except _ProgramGone:
            pass  # Its exit code tells why.
        except BaseException as error:
            # A stream that ends early looks like a whole one: the program must not answer for a part of the list.
            self.error = error
            self._popen.kill()
        finally:
            with contextlib.suppress(OSError):
                assert self._popen.stdin is not None
                self._popen.stdin.close()
            del self._source

    def wind_up(self) -> None:
        """Waits a while for the source, after the program has been killed."""
        # The garbage collector may drop a process in any thread, also in this one.
        if self is not threading.current_thread():
            self.join(_PATIENCE)

    def _writer(self) -> pa.ipc.RecordBatchStreamWriter | csv.CSVWriter:
        if self._as_csv:
            return csv.CSVWriter(self._popen.stdin, self._schema)
        return pa.ipc.new_stream(self._popen.stdin, self._schema)

    def _write(self) -> None:
        with _program_gone():
            writer = self._writer()
        for whole in self._source:
            for batch in _pieces(whole):
                with _program_gone():
                    writer.write(batch)
                self.rows += batch.num_rows
        with _program_gone():
            writer.close()


class _ProgramGone(Exception):
    """The program does not read on."""


@contextlib.contextmanager
def _program_gone() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise _ProgramGone from error


def _pieces(batch: pa.RecordBatch) -> Iterator[pa.RecordBatch]:
    """A batch in parts of bounded size."""
    if batch.num_rows == 0:
        return
    fitting = _BATCH_BYTES * batch.num_rows // max(1, batch.nbytes)
    step = max(1, min(_BATCH_ROWS, fitting))
    for start in range(0, batch.num_rows, step):
        yield batch.slice(start, step)


def _with_type_of_key(results: pa.Schema, given: pa.DataType) -> pa.Schema:
    """The columns of results with the key as it was given, where the program writes a text for it that says the same."""
    return results.set(0, pa.field("key", given)) if pa.types.is_decimal(given) else results


def _results(process: Process, reader: pa.RecordBatchReader, schema: pa.Schema) -> Iterator[pa.RecordBatch]:
    """The batches of a running call; its end is an error unless the program says that all went well."""
    rows, broken = 0, None
    with process:
        while True:
            try:
                batch = reader.read_next_batch()
            except StopIteration:
                break
            except (pa.ArrowInvalid, OSError) as error:
                broken = error
                break
            rows += batch.num_rows
            yield batch.cast(schema)
        process.finish(broken, rows)


def _write_files(files: Mapping[str, File], folder: Path) -> Iterator[str]:
    """Options that name the files, which are written into the folder where there is only a text."""
    for option, file in files.items():
        name = file.name
        if file.text is not None:
            # Seen from the folder, in which the program runs: so messages name a text by its name alone.
            if (folder / name).exists():
                name = f"{option.lstrip('-')}-{name}"
            (folder / name).write_bytes(file.text)
        yield f"{option}={name}"


def _start(arguments: list[str], folder: Path, errors: IO[bytes]) -> subprocess.Popen[bytes]:
    program = binary()
    environment = {name: value for name, value in os.environ.items() if not name.startswith("ELIGO_")}
    try:
        return subprocess.Popen(
            [program, "--color=never", *arguments],
            cwd=folder,
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=errors,
        )
    except OSError as error:
        raise BinaryNotFound(f"`{program}` cannot be started: {error.strerror}; is it built for this system?") from error


def _end(popen: subprocess.Popen[bytes]) -> None:
    """Kills and reaps what still runs."""
    popen.kill()
    popen.wait()
    for pipe in (popen.stdin, popen.stdout):
        # A pipe is closed already by who wrote to it, or has bytes that nobody will take.
        if pipe is not None:
            with contextlib.suppress(OSError):
                pipe.close()
