#!/usr/bin/env python3
"""Shows that others read the questionnaire: FHIR models validate it, and LHC-Forms renders it and answers it.

    questionnaire.py target/release/eligo LFORMS

LFORMS is the unpacked npm package `lforms`. Each example is written as a response, laid into the form in a real browser, taken out of it
again, and screened: the verdicts must be those of the example. Needs the packages playwright and fhir.resources, and chromium.
"""

import json
import pathlib
import shutil
import subprocess
import sys

from fhir.resources.R4B.questionnaire import Questionnaire
from fhir.resources.R4B.questionnaireresponse import QuestionnaireResponse
from playwright.sync_api import sync_playwright

ROOT = pathlib.Path(__file__).resolve().parent.parent
ELIGO = str(pathlib.Path(sys.argv[1]).resolve())
LFORMS = pathlib.Path(sys.argv[2]).resolve() / "dist" / "lforms"
FOLDER = ROOT / "target" / "questionnaire"
EXAMPLES = ["eligible.yaml", "with-evidence.yaml", "after-cart.json", "several-exclusions.yaml", "mrd-relapse-after-allograft.yaml", "chinese-notes.yaml"]

PAGE = f"""<!doctype html><meta charset="utf-8"><title>A questionnaire</title>
<link rel="stylesheet" href="{(LFORMS / 'webcomponent' / 'styles.css').as_uri()}">
<div id="form"></div>
<script src="{(LFORMS / 'webcomponent' / 'assets' / 'lib' / 'zone.min.js').as_uri()}"></script>
<script src="{(LFORMS / 'webcomponent' / 'lhc-forms.js').as_uri()}"></script>
<script src="{(LFORMS / 'fhir' / 'R4' / 'lformsFHIR.min.js').as_uri()}"></script>
"""
FILL = """async ([questionnaire, response]) => {
  let form = LForms.Util.convertFHIRQuestionnaireToLForms(questionnaire, 'R4');
  if (response) form = LForms.Util.mergeFHIRDataIntoLForms(response, form, 'R4');
  const late = new Promise((_, refuse) => setTimeout(() => refuse('the form does not come up'), 60000));
  await Promise.race([LForms.Util.addFormToPage(form, 'form'), late]);
  return LForms.Util.getFormFHIRData('QuestionnaireResponse', 'R4');
}"""


def eligo(*arguments: object) -> str:
    run = subprocess.run([ELIGO, *map(str, arguments)], cwd=ROOT, capture_output=True, text=True, check=False)
    if run.returncode not in (0, 1, 3):
        sys.exit(f"{arguments}: {run.stderr}")
    return run.stdout


def verdicts(report: str) -> dict:
    """What a report says, without the digest of what it was made from."""
    report = json.loads(report)
    del report["record"]
    return report


def shown_always(items: list):
    """The questions that hang on no other's answer."""
    for item in items:
        if "enableWhen" not in item:
            if item["type"] != "group":
                yield item
            yield from shown_always(item.get("item", []))


def main() -> None:
    shutil.rmtree(FOLDER, ignore_errors=True)
    FOLDER.mkdir(parents=True)
    (FOLDER / "page.html").write_text(PAGE, encoding="utf-8")
    for trial in sorted(ROOT.glob("criteria/nct????????.yaml")):
        Questionnaire.parse_obj(json.loads(eligo("questionnaire", "--trial", trial)))
    questionnaire = json.loads(eligo("questionnaire"))
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--allow-file-access-from-files"])
        page = browser.new_page(viewport={"width": 1000, "height": 1400})
        messages = []
        page.on("pageerror", lambda error: messages.append(str(error)))
        page.goto((FOLDER / "page.html").as_uri())
        page.wait_for_function("window.LForms && LForms.FHIR && LForms.FHIR.R4")
        page.evaluate(FILL, [questionnaire, None])
        page.screenshot(path=FOLDER / "empty.png")
        shown = page.inner_text("#form")
        always = list(shown_always(questionnaire["item"]))
        missing = [item["linkId"] for item in always if " ".join(item["text"].split()) not in " ".join(shown.split())]
        if missing:
            sys.exit(f"not shown by LHC-Forms: {missing}")
        for example in EXAMPLES:
            response = json.loads(eligo("questionnaire", "--answers", ROOT / "examples" / example))
            QuestionnaireResponse.parse_obj(response)
            returned = page.evaluate(FILL, [questionnaire, response])
            path = FOLDER / f"{example}.response.json"
            path.write_text(json.dumps(returned), encoding="utf-8")
            page.screenshot(path=FOLDER / f"{example}.png")
            wanted = verdicts(eligo("screen", ROOT / "examples" / example, "--format", "json"))
            found = verdicts(eligo("screen", path, "--from", "questionnaire-response", "--format", "json"))
            if wanted != found:
                differ = [(one, other) for one, other in zip(wanted["criteria"], found["criteria"]) if one != other]
                sys.exit(f"{example} came back from LHC-Forms as another record: {differ[:1] or (wanted, found)}")
        if messages:
            sys.exit(f"the page said: {messages}")
        browser.close()
    print(f"{len(always)} questions shown, {len(EXAMPLES)} records there and back")


main()
