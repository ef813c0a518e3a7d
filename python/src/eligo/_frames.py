"""The kinds of frames, and any of them as a stream of record batches."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from types import ModuleType
from typing import TYPE_CHECKING, Any

import pyarrow as pa

if TYPE_CHECKING:
    import pandas
    import polars


def is_frame(value: object, module: str, name: str) -> bool:
    """Whether a value is of that class. A module that has not been imported has made no frame, and is not imported here."""
    loaded: ModuleType | None = sys.modules.get(module)
    return loaded is not None and isinstance(value, getattr(loaded, name))


def reader(frame: Any) -> pa.RecordBatchReader:
    """The rows of a frame on this machine.

    Raises
    ------
    TypeError
        It is none that is known here.
    """
    if is_frame(frame, "pandas", "DataFrame"):
        return pa.Table.from_pandas(frame, preserve_index=False).to_reader()
    if is_frame(frame, "polars", "DataFrame"):
        return polars_table(frame).to_reader()
    if is_frame(frame, "polars", "LazyFrame"):
        return pa.RecordBatchReader.from_batches(lazy_schema(frame), lazy_batches(frame))
    if isinstance(frame, pa.RecordBatchReader):
        return frame
    if hasattr(frame, "__arrow_c_stream__"):
        return pa.RecordBatchReader.from_stream(frame)
    raise TypeError(
        f"a `{type(frame).__module__}.{type(frame).__qualname__}` is no list; give a DataFrame of Spark, Polars or pandas, "
        "a LazyFrame, a DuckDB relation, a pyarrow Table or RecordBatchReader, or a path"
    )


def pandas_frame(table: pa.Table) -> pandas.DataFrame:
    """A DataFrame with Arrow's types: pandas' own change whole numbers where one is missing."""
    import pandas

    frame: pandas.DataFrame = table.to_pandas(types_mapper=pandas.ArrowDtype)
    return frame


def polars_frame(data: pa.Table | pa.RecordBatch) -> polars.DataFrame:
    """A DataFrame of Polars."""
    import polars

    frame = polars.from_arrow(data)
    assert isinstance(frame, polars.DataFrame), "a table is no series"
    return frame


def polars_table(frame: polars.DataFrame) -> pa.Table:
    """A table without the newer types of Arrow, such as views of texts."""
    import polars

    return frame.to_arrow(compat_level=polars.CompatLevel.oldest())


def lazy_schema(frame: polars.LazyFrame) -> pa.Schema:
    """The columns of a LazyFrame, of which no row is computed."""
    return polars_table(frame.collect_schema().to_frame()).schema


def lazy_batches(frame: polars.LazyFrame) -> Iterator[pa.RecordBatch]:
    """The rows of a LazyFrame, as far as they are asked for."""
    for part in frame.collect_batches(lazy=True):
        yield from polars_table(part).to_batches()
