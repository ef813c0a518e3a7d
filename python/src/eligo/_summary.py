"""`eligo.summary`: what a list amounts to, counted where its results are."""

from __future__ import annotations

import html
import json
import os
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from ._frames import is_frame, reader
from ._program import Call

#: Exit code 4 says that rows could not be read, which the summary says too.
_COUNTED = (0, 4)


@dataclass(frozen=True)
class Summary(Mapping[str, Any]):
    """The summary of a list (`eligo/summary/1`), which is read like a dict. Printed, it is that of the terminal."""

    #: What `eligo batch --summary FILE` writes.
    json: Mapping[str, Any]
    #: The summary as text.
    text: str

    def __getitem__(self, name: str) -> Any:
        return self.json[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self.json)

    def __len__(self) -> int:
        return len(self.json)

    def __str__(self) -> str:
        return self.text

    def __repr__(self) -> str:
        counts = ", ".join(f"{self[name]} {name}" for name in ("eligible", "ineligible", "undetermined", "error"))
        return f"<eligo.Summary of {self['rows']} rows: {counts}>"

    def _repr_html_(self) -> str:
        return f'<pre style="white-space: pre-wrap">{html.escape(self.text)}</pre>'


def summary(result: Any) -> Summary:
    """Counts the results of a list: eligibilities, attrition by criterion, missing facts, cautions, errors, repeated candidates.

    Parameters
    ----------
    result
        What `eligo.screen` gave, in the same kind of frame, or a stored copy of it: a path of a Parquet or Arrow file.
        A Spark DataFrame is computed, and counted where its partitions are; a reader is used up.

    Raises
    ------
    CallError
        These are no results of `eligo.screen`.
    """
    rows = Call(("summary", "rows", "--job", "--format=json", "-"), accepted=_COUNTED)
    if isinstance(result, str | os.PathLike):
        parts: Iterable[bytes] = [Call(("summary", "rows", "--job", "--format=json", os.path.abspath(result)), accepted=_COUNTED).run()]
    elif is_frame(result, "pyspark.sql", "DataFrame"):
        from ._spark import summarize_spark

        parts = summarize_spark(result, rows)
    else:
        parts = [rows.consume(reader(result))]
    merge, whole = Call(("summary", "merge", "-"), accepted=_COUNTED), b"\n".join(parts)
    return Summary(
        json=json.loads(merge.with_arguments("--format=json").run(whole)),
        text=merge.with_arguments("--format=text").run(whole).decode(),
    )
