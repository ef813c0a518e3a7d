"""The examples of docs/python.md and of the docstrings run, and the page's tables are true."""

import doctest
import re
from pathlib import Path

import pytest
from conftest import DAY

import eligo
import eligo.errors

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "python.md").read_text()


def test_the_examples_run(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    blocks = re.findall(r"^```python\n(.*?)^```", PAGE, flags=re.M | re.S)
    assert len(blocks) >= 7
    names = {}
    for block in blocks:
        exec(compile(block, "docs/python.md", "exec"), names)
    shown = capsys.readouterr().out
    assert "ineligible fail" in shown
    assert "('did you mean `ecog`?" in shown
    assert (tmp_path / "results.parquet").exists()


@pytest.mark.parametrize("module", [eligo, eligo.errors])
def test_the_docstrings_are_true(module):
    result = doctest.testmod(module)
    assert result.attempted > 0
    assert result.failed == 0


def test_every_column_is_described(few):
    described = re.findall(r"^\| `(\w+)` \| ", PAGE.split("## Columns of the result")[1].split("## Summary")[0], flags=re.M)
    columns = eligo.screen(few, key="id", as_of=DAY).schema.names
    assert [name for name in described if name not in ("file", "element")] == columns


def test_every_exception_is_described():
    exceptions = {name for name in eligo.__all__ if isinstance(getattr(eligo, name), type) and issubclass(getattr(eligo, name), Exception)}
    assert exceptions == set(re.findall(r"`(\w+)`", "".join(re.findall(r"^\| (`\w+`) \| ", PAGE.split("## Errors")[1], flags=re.M)))) | {
        "EligoError"
    }
