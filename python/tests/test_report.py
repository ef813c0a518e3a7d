"""Reports and explanations, and errors with their place."""

import datetime
import json
import pickle
from pathlib import Path

import pytest

import eligo

ROOT = Path(__file__).resolve().parents[2]


def test_a_record_as_a_dict_a_path_and_a_text():
    path = ROOT / "examples" / "t-all.json"
    given = [json.loads(path.read_text()), path, str(path), path.read_text()]
    reports = [eligo.report(record, as_of="2026-11-28") for record in given]
    for report in reports:
        assert report.eligibility == "ineligible"
        assert report.verdicts["I1"] == "fail"
        assert report.json["schema"] == "eligo/report/1"
        assert "INELIGIBLE" in str(report)
        assert repr(report) == f"<eligo.Report {report.json['candidate']}: ineligible>"


def test_days_in_a_dict():
    assert eligo.report({"screened_on": datetime.date(2026, 11, 20)}).json["screened_on"] == "2026-11-20"
    with pytest.raises(TypeError, match="not a set"):
        eligo.report({"ecog": {1}})


def test_a_sheet_in_a_notebook_keeps_its_styles():
    report = eligo.report({"candidate": 'LDP-"1"', "ecog": 1})
    assert report.html.startswith("<!doctype html>")
    shown = report._repr_html_()
    assert shown.startswith('<iframe srcdoc="&lt;!doctype html&gt;')
    # The quotes are those of three attributes, and none of the page.
    assert shown.count('"') == 6
    assert "sandbox" in shown


def test_an_eligible_and_an_undetermined_candidate_are_no_errors():
    assert eligo.report(ROOT / "examples" / "eligible.yaml").eligibility == "eligible"
    assert eligo.report(ROOT / "examples" / "nearly-empty.yaml").eligibility == "undetermined"


def test_a_site_and_a_trial():
    trial = ROOT / "criteria" / "nct03057977.yaml"
    record = ROOT / "examples" / "trials" / "nct03057977.yaml"
    assert eligo.report(record, trial=trial).json["trial"]["id"] == "NCT03057977"
    site = ROOT / "examples" / "site-policy.yaml"
    for given in (site, site.read_text()):
        assert eligo.report(ROOT / "examples" / "eligible.yaml", site=given).json["site"]


def test_all_errors_keep_their_place_and_help():
    with pytest.raises(eligo.CallError) as caught:
        eligo.report("candidate: LDP-1\necogg: 1\necog: 9\n")
    error = caught.value
    assert (error.file, error.line, error.column) == ("<stdin>", 2, 1)
    assert error.message == "`ecogg` is not declared by the trial"
    assert error.help == ("did you mean `ecog`?",)
    assert [one.line for one in error.diagnostics] == [2, 3]
    assert "2 | ecogg: 1" in str(error)
    copy = pickle.loads(pickle.dumps(error))
    assert (str(copy), copy.diagnostics) == (str(error), error.diagnostics)


def test_a_record_that_is_not_there():
    with pytest.raises(eligo.CallError, match=r"cannot read `/nowhere\.yaml`"):
        eligo.report("/nowhere.yaml")


def test_an_explanation():
    explained = eligo.explain("I4")
    assert "The present ECOG score is 0, 1 or 2." in str(explained)
    assert "## I4 ECOG at most 2" in explained._repr_markdown_()
    whole = str(eligo.explain())
    assert "\nI1  " in whole
    assert "\nE10  " in whole
    assert "ECOG performance status is 1; at most 2 required" in str(eligo.explain("I4", record={"ecog": 1}))
    assert max(map(len, str(eligo.explain("I4", width=60)).splitlines())) <= 60
    with pytest.raises(eligo.CallError, match="`I99` is not a criterion") as caught:
        eligo.explain("I99")
    assert "its criteria are I1" in caught.value.help[0]
