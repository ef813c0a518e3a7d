"""Spark: a process for each partition, fed and read through `mapInArrow`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pyarrow as pa
from pyspark.sql import types

from ._program import Call
from .errors import ProgramFailed

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

    from ._screen import _Options


def screen_spark(frame: DataFrame, options: _Options) -> DataFrame:
    """Files are read and columns are checked here, on the driver; the program runs where the partitions are."""
    call = options.call(frame.columns, threads=1, own_day=False)
    # No row is computed for it.
    given = frame.limit(0).toArrow().schema
    schema = call.result_schema(given)
    fields = [types.StructField(field.name, _spark_type(field.type)) for field in schema if field.name != "key"]
    if options.key is not None:
        # Several types of Spark are one of Arrow's, so the key keeps that of the frame if it has that of Arrow.
        same = schema.field("key").type == given.field(options.key).type
        fields.insert(0, types.StructField("key", frame.schema[options.key].dataType if same else types.StringType()))
    return frame.mapInArrow(ScreenPartition(call.packed(), schema), types.StructType(fields))


def summarize_spark(result: DataFrame, call: Call) -> list[bytes]:
    """A summary of each partition that has rows; one of no row if none has."""
    parts = result.mapInArrow(SummarizePartition(call), "part string").collect()
    if not parts:
        empty = result.limit(0).toArrow()
        return [call.consume(empty.to_reader())]
    return [row.part.encode() for row in parts]


@dataclass(frozen=True)
class ScreenPartition:
    """Screens the batches of one partition. Sent to the executors, which import it from the package that is installed there."""

    call: Call
    #: The columns of the result, as the driver's program has them.
    schema: pa.Schema

    def __call__(self, batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        batches = iter(batches)
        first = next(batches, None)
        if first is None:
            return
        results = self.call.stream(_chain(first, batches), first.schema)
        if not _same_columns(results.schema, self.schema):
            raise ProgramFailed(
                "the program on this executor writes other columns than that of the driver; install one version of eligo on all"
            )
        yield from results


@dataclass(frozen=True)
class SummarizePartition:
    """Counts the results of one partition: one row, with the summary as JSON."""

    call: Call

    def __call__(self, batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        batches = iter(batches)
        first = next(batches, None)
        if first is None:
            return
        source = pa.RecordBatchReader.from_batches(first.schema, _chain(first, batches))
        yield pa.RecordBatch.from_pydict({"part": [self.call.consume(source).decode()]})


def _chain(first: pa.RecordBatch, rest: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    yield first
    yield from rest


def _same_columns(one: pa.Schema, other: pa.Schema) -> bool:
    """Whether the columns are the same, but for the key: Spark's time stamps have the zone of the session, which may differ."""
    return one.names == other.names and all(left.type == right.type for left, right in zip(one, other, strict=True) if left.name != "key")


def _spark_type(arrow: pa.DataType) -> types.DataType:
    """The type of a column of results."""
    if pa.types.is_struct(arrow):
        return types.StructType([types.StructField(field.name, _spark_type(field.type)) for field in arrow])
    if pa.types.is_list(arrow):
        return types.ArrayType(_spark_type(arrow.value_type))
    if pa.types.is_string(arrow):
        return types.StringType()
    if pa.types.is_int64(arrow):
        return types.LongType()
    if pa.types.is_boolean(arrow):
        return types.BooleanType()
    if pa.types.is_date32(arrow):
        return types.DateType()
    raise TypeError(f"a column of results has the type {arrow}, for which Spark has none here")
