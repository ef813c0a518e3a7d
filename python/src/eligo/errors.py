"""What can go wrong, as exceptions that keep the place and the help that the program gives."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

#: A place in a text, or a column of a table, which the message names too.
_PLACE = re.compile(r" *--> (?P<file>.+?)(?::(?P<line>\d+):(?P<column>\d+)|: column .*)?$")
_HELP = re.compile(r" *= help: (?P<text>.*)$")


@dataclass(frozen=True)
class Diagnostic:
    """One thing that is wrong with an input.

    `file` is a path, `<stdin>` for what was handed over in memory, or `<embedded>` for the trial inside the program. `line` and
    `column` count from 1, and are absent where no place can be named.
    """

    message: str
    file: str | None = None
    line: int | None = None
    column: int | None = None
    help: tuple[str, ...] = ()


class EligoError(Exception):
    """Base of all exceptions of this package.

    `message`, `file`, `line`, `column` and `help` are those of the first diagnostic; `diagnostics` has all of them. The text of the
    exception shows the input lines as the program does.
    """

    def __init__(self, text: str, diagnostics: Sequence[Diagnostic] = ()) -> None:
        super().__init__(text, tuple(diagnostics))
        self.text = text
        self.diagnostics: tuple[Diagnostic, ...] = tuple(diagnostics) or (Diagnostic(text),)

    def __str__(self) -> str:
        return self.text

    @property
    def message(self) -> str:
        """What is wrong."""
        return self.diagnostics[0].message

    @property
    def file(self) -> str | None:
        """The input in which it is wrong."""
        return self.diagnostics[0].file

    @property
    def line(self) -> int | None:
        """The line of that input, counted from 1."""
        return self.diagnostics[0].line

    @property
    def column(self) -> int | None:
        """The column of that line, counted from 1."""
        return self.diagnostics[0].column

    @property
    def help(self) -> tuple[str, ...]:
        """What would be right."""
        return self.diagnostics[0].help


class BinaryNotFound(EligoError):
    """The program is not beside this Python, or cannot be started."""


class CallError(EligoError):
    """Nothing can be screened like this: an argument, the trial, the policy or the columns of the frame are wrong."""


class RowsError(EligoError):
    """More rows than `max_errors` allows could not be read, or a candidate was decided by one of several rows that list different items."""


class ProgramFailed(EligoError):
    """The program ended before it was done, or rows are missing from what it wrote. The results so far are not complete."""


def parse(text: str) -> list[Diagnostic]:
    r"""The errors in what the program wrote to standard error.

    >>> parse("error: `ecogg` is not declared\n --> r.yaml:2:1\n  |\n  = help: did you mean `ecog`?\n")
    [Diagnostic(message='`ecogg` is not declared', file='r.yaml', line=2, column=1, help=('did you mean `ecog`?',))]
    """
    found = []
    for block in re.split(r"^error: ", text, flags=re.M)[1:]:
        message, *lines = block.splitlines()
        # The place is the first arrow: one in the text of the input stands behind a bar.
        place = next(filter(None, map(_PLACE.match, lines)), None)
        found.append(
            Diagnostic(
                message,
                file=place["file"] if place else None,
                line=int(place["line"]) if place and place["line"] else None,
                column=int(place["column"]) if place and place["column"] else None,
                help=tuple(match["text"] for match in map(_HELP.match, lines) if match),
            )
        )
    return found
