"""`eligo.report` and `eligo.explain`: one candidate, and the criteria, for reading and for notebooks."""

from __future__ import annotations

import datetime
import html
import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ._program import Call, File
from ._screen import PathOrText, as_day

#: Exit codes of `screen` that are eligibilities: eligible, ineligible, undetermined.
_SCREENED = (0, 1, 3)


@dataclass(frozen=True)
class Report:
    """The report of one candidate. Printed, it is that of the terminal; in a notebook, the sheet."""

    #: What `eligo screen --format json` writes (`eligo/report/1`).
    json: Mapping[str, Any]
    #: The report as text.
    text: str
    #: The screening sheet, a whole page of HTML.
    html: str

    @property
    def eligibility(self) -> str:
        """`eligible`, `ineligible` or `undetermined`."""
        return str(self.json["eligibility"])

    @property
    def verdicts(self) -> dict[str, str]:
        """The verdict of each criterion of the protocol: `pass`, `fail`, `unknown` or `not_applicable`."""
        return {criterion["id"]: criterion["verdict"] for criterion in self.json["criteria"]}

    def __str__(self) -> str:
        return self.text

    def __repr__(self) -> str:
        return f"<eligo.Report {self.json['candidate']}: {self.eligibility}>"

    def _repr_html_(self) -> str:
        # In a frame of its own the page keeps its styles, and those of the notebook stay as they are.
        return (
            f'<iframe srcdoc="{html.escape(self.html)}" sandbox title="Screening sheet" '
            'style="width: 100%; height: 40em; border: 1px solid #b8b8b8"></iframe>'
        )


@dataclass(frozen=True)
class Explanation:
    """What criteria ask for. Printed, it is that of the terminal; in a notebook, formatted."""

    #: The explanation as text.
    text: str
    #: The same in Markdown.
    markdown: str

    def __str__(self) -> str:
        return self.text

    def _repr_markdown_(self) -> str:
        return self.markdown


def report(
    record: Mapping[str, Any] | PathOrText,
    *,
    trial: PathOrText | None = None,
    site: PathOrText | None = None,
    as_of: datetime.date | str | None = None,
    strict: bool = False,
) -> Report:
    """Screens one candidate: a verdict for each criterion, the reasons, and what is still to be obtained.

    Parameters
    ----------
    record
        What is known of the candidate: a dict, a path, or the text of a record in YAML or JSON.
    trial, site
        The trial file and the policy of the site: a path, or the text itself.
    as_of
        The day as of which it is screened; without it `screened_on` of the record, else today.
    strict
        Read values, units and causes of what is missing only as they are declared, to the letter.

    Raises
    ------
    CallError
        The record, the trial file or the policy is wrong; `diagnostics` has every error with its place.
    """
    arguments, given = _record(record)
    call = Call(("screen", *arguments, *(["--strict"] if strict else [])), _files(trial=trial, site=site), _SCREENED)
    day = as_day(as_of)
    described = json.loads(call.with_arguments("--format=json", *_as_of(day)).run(given))
    # Text and sheet are of the same day, also if that is today and ends now.
    rest = _as_of(day or described["screened_on"])
    return Report(
        json=described,
        text=call.with_arguments("--format=table", *rest).run(given).decode(),
        html=call.with_arguments("--format=html", *rest).run(given).decode(),
    )


def explain(
    *names: str,
    trial: PathOrText | None = None,
    site: PathOrText | None = None,
    record: Mapping[str, Any] | PathOrText | None = None,
    as_of: datetime.date | str | None = None,
    width: int = 80,
) -> Explanation:
    """Explains criteria: the protocol's words, what they are taken to mean, and which facts decide.

    Parameters
    ----------
    names
        Criteria (`"I1b"`), facts, groups of facts or definitions; without any, the whole trial.
    trial, site
        The trial file and the policy of the site: a path, or the text itself.
    record
        A candidate whose values are shown, with what they make of every part.
    as_of
        The day as of which that candidate is looked at.
    width
        Columns of the text.

    Raises
    ------
    CallError
        There is no such name, or an input is wrong.
    """
    arguments, given = _record(record) if record is not None else ((), b"")
    if arguments:
        *options, path = arguments
        arguments = (*options, f"--record={path}")
    call = Call(("explain", *arguments, *_as_of(as_day(as_of))), _files(trial=trial, site=site)).with_arguments(*names)
    return Explanation(
        text=call.with_arguments("--format=text", f"--width={width}").run(given).decode(),
        markdown=call.with_arguments("--format=markdown").run(given).decode(),
    )


def _record(record: Mapping[str, Any] | PathOrText) -> tuple[tuple[str, ...], bytes]:
    """Arguments that name the record, and standard input."""
    if isinstance(record, Mapping):
        return ("--from=json", "-"), json.dumps(record, ensure_ascii=False, default=_plain).encode()
    if isinstance(record, str) and ("\n" in record or record.lstrip().startswith("{")):
        return ("-",), record.encode()
    return (os.path.abspath(record),), b""


def _plain(value: object) -> str:
    """Days in a dict are written as records have them."""
    if isinstance(value, datetime.date):
        return as_day(value)
    raise TypeError(f"a record has texts, numbers, days, lists and dicts, not a {type(value).__qualname__}")


def _as_of(day: str | None) -> list[str]:
    return [] if day is None else [f"--as-of={day}"]


def _files(**given: PathOrText | None) -> dict[str, File]:
    return {f"--{option}": File.of(value, f"{option}.yaml") for option, value in given.items() if value is not None}
