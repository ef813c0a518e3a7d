"""`eligo.screen`: a list in whatever holds it, to its results in the same."""

from __future__ import annotations

import datetime
import difflib
import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, TypeVar, overload

import pyarrow as pa

from ._frames import is_frame, lazy_batches, lazy_schema, pandas_frame, polars_frame, reader
from ._program import Call, File
from .errors import CallError

if TYPE_CHECKING:
    import polars

Frame = TypeVar("Frame")
#: Whose reasons the result has.
Reasons = Literal["none", "deciding", "all"]
PathOrText = str | os.PathLike[str]


@overload
def screen(
    frame: str | os.PathLike[str],
    *,
    trial: PathOrText | None = None,
    site: PathOrText | None = None,
    source: PathOrText | None = None,
    key: str | None = None,
    as_of: datetime.date | str | None = None,
    reasons: Reasons = "deciding",
    strict: bool = False,
    ignore_column: Sequence[str] = (),
    rename: Mapping[str, str] | None = None,
    max_errors: int | str | None = None,
    threads: int | None = None,
) -> pa.RecordBatchReader: ...


@overload
def screen(
    frame: Frame,
    *,
    trial: PathOrText | None = None,
    site: PathOrText | None = None,
    source: PathOrText | None = None,
    key: str | None = None,
    as_of: datetime.date | str | None = None,
    reasons: Reasons = "deciding",
    strict: bool = False,
    ignore_column: Sequence[str] = (),
    rename: Mapping[str, str] | None = None,
    max_errors: int | str | None = None,
    threads: int | None = None,
) -> Frame: ...


def screen(
    frame: Any,
    *,
    trial: PathOrText | None = None,
    site: PathOrText | None = None,
    source: PathOrText | None = None,
    key: str | None = None,
    as_of: datetime.date | str | None = None,
    reasons: Reasons = "deciding",
    strict: bool = False,
    ignore_column: Sequence[str] = (),
    rename: Mapping[str, str] | None = None,
    max_errors: int | str | None = None,
    threads: int | None = None,
) -> Any:
    """Screens every row of a list: one row of results for each row, in the same order.

    Parameters
    ----------
    frame
        A Spark DataFrame, a DuckDB relation, a Polars DataFrame or LazyFrame, a pandas DataFrame, a `pyarrow.Table` or
        `pyarrow.RecordBatchReader`, anything else with `__arrow_c_stream__`, or the path of a file that `eligo batch` reads.
        Its columns are the facts of the trial (`ecog`, `hepatitis.hbv_dna`, or a struct `hepatitis`).
    trial, site, source
        The trial file, the policy of the site, and the source file that says how the columns are to be read: a path, or the text
        itself. For Spark they are read here and sent along. Without `trial` it is the one inside the program.
    key
        A column that tells rows apart. It comes back as the column `key`, in the same type.
    as_of
        The day as of which the rows are screened. Without it, it is `screened_on` of each row, or today if the frame has no such
        column; for Spark it must be one of the first two.
    reasons
        Whose reasons the result has: those of the deciding criteria, of all criteria, or none.
    strict
        Read values, units and causes of what is missing only as they are declared, to the letter.
    ignore_column, rename
        Columns that are not read, and columns that are read under another name (`{"ECOG": "ecog"}`).
    max_errors
        How many rows that cannot be read are too many: a number, or a share such as `"1%"`. Without it they are rows with
        `eligibility` = `error`, however many. For Spark it is counted in each partition.
    threads
        How many threads screen: by default one for Spark, where each partition has a process, and else one for each core.

    Returns
    -------
    A frame of the kind that was given, and a `pyarrow.RecordBatchReader` for a path or another Arrow stream. A Spark DataFrame
    and a LazyFrame screen when they are computed. Rows that cannot be read are rows of the result.

    Raises
    ------
    CallError
        The frame has no column `key`, or one that the trial does not declare; the trial, policy or source file is wrong.
    RowsError
        More rows than `max_errors` could not be read, or a candidate was decided by one of several rows that list different items.
    BinaryNotFound, ProgramFailed
        The program is missing, or ended before it was done.
    """
    options = _Options(
        arguments=tuple(_arguments(reasons, strict, ignore_column, rename or {}, max_errors)),
        files={
            option: File.of(given, f"{option[2:]}.yaml")
            for option, given in {"--trial": trial, "--site": site, "--source": source}.items()
            if given is not None
        },
        key=key,
        day=as_day(as_of),
        threads=threads,
    )
    if isinstance(frame, str | os.PathLike):
        return _screen_file(frame, options)
    if is_frame(frame, "pyspark.sql", "DataFrame"):
        from ._spark import screen_spark

        return screen_spark(frame, options)
    if is_frame(frame, "polars", "LazyFrame"):
        return _screen_lazy(frame, options)
    rows = reader(frame)
    results = options.call(rows.schema.names).stream(rows, rows.schema)
    if is_frame(frame, "pandas", "DataFrame"):
        return pandas_frame(results.read_all()).set_axis(frame.index)
    if is_frame(frame, "polars", "DataFrame"):
        return polars_frame(results.read_all())
    if is_frame(frame, "duckdb", "DuckDBPyRelation"):
        from ._duckdb import temporary_table

        return temporary_table(frame, results)
    return results.read_all() if isinstance(frame, pa.Table) else results


@dataclass(frozen=True)
class _Options:
    """How to screen, whatever holds the list."""

    arguments: tuple[str, ...]
    files: Mapping[str, File]
    key: str | None
    day: str | None
    threads: int | None

    def call(self, columns: Sequence[str], *, threads: int | None = None, own_day: bool = True) -> Call:
        """The call that screens a stream with these columns. With `own_day` it is screened as of today where no day is stated.

        Raises
        ------
        CallError
            There is no such key, two columns have one name, or no day is stated.
        """
        arguments = ["batch", "-", "--format=arrow", "--job", "--summary", os.devnull, *self.arguments]
        # A source file reads the words of a site's own tables, as they stand in CSV.
        has_source = "--source" in self.files
        if not has_source:
            arguments.append("--from=arrow")
        elif self.key is not None:
            raise CallError("what a source file makes is found by its candidate; leave `key` out")
        twice = sorted({name for name in columns if columns.count(name) > 1})
        if twice:
            raise CallError(f"two columns are called `{twice[0]}`; rename or drop one")
        if self.key is not None:
            if self.key not in columns:
                nearest = difflib.get_close_matches(self.key, columns, n=1)
                advice = f"did you mean `{nearest[0]}`?" if nearest else f"it has {_listed(columns)}"
                raise CallError(f"the frame has no column `{self.key}` for the key; {advice}")
            arguments.append(f"--key={self.key}")
        day = self.day
        # Which column is the day, the source file says; a row without one is a row of errors.
        if day is None and "screened_on" not in columns and not has_source:
            if not own_day:
                raise CallError(
                    "state the day with `as_of`, or give the frame a column `screened_on`: a job that takes the day from the clock "
                    "changes its answers at midnight"
                )
            day = datetime.date.today().isoformat()
        if day is not None:
            arguments.append(f"--as-of={day}")
        threads = self.threads or threads
        if threads is not None:
            arguments.append(f"--threads={threads}")
        return Call(tuple(arguments), self.files, key=self.key, as_csv=has_source)


def _arguments(
    reasons: str, strict: bool, ignore_column: Sequence[str], rename: Mapping[str, str], max_errors: int | str | None
) -> Iterator[str]:
    if isinstance(ignore_column, str):
        raise TypeError("`ignore_column` is a list of names")
    yield f"--reasons={reasons}"
    if strict:
        yield "--strict"
    for name in ignore_column:
        yield f"--ignore-column={name}"
    for old, new in rename.items():
        yield f"--rename={old}={new}"
    yield f"--max-errors={'100%' if max_errors is None else max_errors}"


@overload
def as_day(given: datetime.date | str) -> str: ...


@overload
def as_day(given: datetime.date | str | None) -> str | None: ...


def as_day(given: datetime.date | str | None) -> str | None:
    """A day as the program reads it. A point in time is refused: which day it is depends on the zone."""
    if isinstance(given, datetime.datetime):
        raise TypeError("`as_of` is a day, not a point in time; give its `.date()` in the zone of the site")
    return given.isoformat() if isinstance(given, datetime.date) else given


def _listed(columns: Sequence[str]) -> str:
    shown = ", ".join(f"`{name}`" for name in columns[:8])
    return f"{shown} and {len(columns) - 8} more" if len(columns) > 8 else shown or "none"


def _screen_file(path: str | os.PathLike[str], options: _Options) -> pa.RecordBatchReader:
    """A file is read by the program itself, in any notation that it knows by the extension."""
    arguments = ["batch", os.path.abspath(path), "--format=arrow", "--summary", os.devnull, *options.arguments]
    arguments += [f"--key={options.key}"] if options.key is not None else []
    arguments += [f"--as-of={options.day}"] if options.day is not None else []
    arguments += [f"--threads={options.threads}"] if options.threads is not None else []
    return Call(tuple(arguments), options.files).read()


def _screen_lazy(frame: polars.LazyFrame, options: _Options) -> polars.LazyFrame:
    """Screens anew with each `collect`, batch by batch; what the plan selects of the result is selected from each batch."""
    from polars.io.plugins import register_io_source

    schema = lazy_schema(frame)
    call = options.call(schema.names)
    empty = polars_frame(call.result_schema(schema).empty_table())

    def batches(columns: list[str] | None, predicate: polars.Expr | None, rows: int | None, size: int | None) -> Iterator[polars.DataFrame]:
        for batch in call.stream(lazy_batches(frame), schema):
            part = polars_frame(batch)
            if rows is not None:
                part = part.head(rows)
                rows -= part.height
            if predicate is not None:
                part = part.filter(predicate)
            yield part if columns is None else part.select(columns)
            if rows == 0:
                return

    return register_io_source(batches, schema=empty.schema)
