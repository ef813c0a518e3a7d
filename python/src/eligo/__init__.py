"""Screens candidates for a clinical trial, one or a list, in Spark, DuckDB, Polars, pandas or Arrow.

The work is done by the program `eligo`, which the package brings along: verdicts and reasons are those of `eligo batch`.

>>> import eligo
>>> eligo.report({"candidate": "LDP-0042", "screened_on": "2026-11-20", "diagnosis": "t_all"}).eligibility
'ineligible'
"""

from ._program import binary
from ._report import Explanation, Report, explain, report
from ._screen import screen
from ._summary import Summary, summary
from .errors import BinaryNotFound, CallError, Diagnostic, EligoError, ProgramFailed, RowsError

__all__ = [
    "BinaryNotFound",
    "CallError",
    "Diagnostic",
    "EligoError",
    "Explanation",
    "ProgramFailed",
    "Report",
    "RowsError",
    "Summary",
    "binary",
    "explain",
    "report",
    "screen",
    "summary",
]
