#!/usr/bin/env python3
"""Opens the page that web/build.py writes in a real browser, and uses it as people do.

    web.py target/web/eligo.html target/release/eligo [FOLDER]

What it screens it must screen as the program does: the same report, the same bytes of the sheet. Records come in as files, as text, and answer by
answer from the keyboard; broken, huge and hostile ones too. No request leaves the page, and none could. FOLDER (target/web-pictures) keeps pictures
for whoever wants to look. Needs the package playwright, without a browser of its own, and chromium, pdftotext.
"""

import hashlib
import json
import pathlib
import re
import shutil
import socketserver
import subprocess
import sys
import threading
import time
import tomllib

from playwright.sync_api import sync_playwright

ROOT = pathlib.Path(__file__).resolve().parent.parent
PAGE = pathlib.Path(sys.argv[1]).resolve()
ELIGO = pathlib.Path(sys.argv[2]).resolve()
FOLDER = (pathlib.Path(sys.argv[3]) if len(sys.argv) > 3 else ROOT / "target" / "web-pictures").resolve()
WIDTHS = (360, 800, 1400)
SITE = "examples/site-policy.yaml"
# What a record may hold to be obeyed.
HOSTILE = "</script></style><script>window.obeyed = 1</script>\"><img src=http://127.0.0.1:9/x onerror=\"window.obeyed = 2\">"

passed, failed = 0, 0


def check(name, is_right, said=""):
    """Counts a check, and says what is wrong."""
    global passed, failed
    if is_right:
        passed += 1
    else:
        failed += 1
        print(f"FAILED {name}: {said}")


def same(name, found, wanted):
    shown = (found, wanted)
    if isinstance(found, list) and isinstance(wanted, list) and len(found) == len(wanted):
        shown = next(((one, other) for one, other in zip(found, wanted) if one != other), shown)
    check(name, found == wanted, "\n  found  {!r}\n  wanted {!r}".format(*shown))


def eligo(*arguments):
    made = subprocess.run([ELIGO, *arguments], cwd=ROOT, capture_output=True, text=True)
    return made.stdout, made.stderr


class Desk:
    """A page, and everything that happens on it."""

    def __init__(self, browser, **options):
        self.context = browser.new_context(**options)
        self.page = self.context.new_page()
        self.events = []
        note = self.events.append
        self.page.on("console", lambda message: note(f"console: {message.text}"))
        self.page.on("pageerror", lambda error: note(f"error: {error}"))
        self.page.on("request", lambda request: note(f"request: {request.url}"))
        self.page.on("websocket", lambda socket: note(f"request: {socket.url}"))
        self.dialogs = []
        self.page.on("dialog", lambda dialog: (self.dialogs.append(dialog.type), dialog.accept()))
        self.page.goto(PAGE.as_uri())
        self.wait("state.screened !== undefined")

    def wait(self, expression, seconds=10):
        """Waits until something is so. Playwright's own way needs `eval`, which the page refuses."""
        end = time.monotonic() + seconds
        while not self.page.evaluate(expression):
            if time.monotonic() > end:
                raise TimeoutError(expression)
            self.page.wait_for_timeout(20)

    def open(self, *files):
        """Chooses files, as the button does."""
        self.page.evaluate("pick()")
        self.page.set_input_files("#file", [ROOT / file if isinstance(file, str) else file for file in files])
        self.wait("by('record').getAttribute('aria-busy') !== 'true'", 60)

    def write(self, text):
        """Puts a text into the box, as pasting does."""
        self.page.click("#tab-text")
        self.page.fill("#source", text)
        self.page.evaluate("screen()")

    def verdict(self):
        return self.page.inner_text("#verdict")

    def screened(self):
        return self.page.evaluate("state.screened")

    def text(self):
        return self.page.evaluate("state.text")

    def close(self, name):
        """Nothing but the page itself was asked for, and nothing was said on the console."""
        rest = [event for event in self.events if not event.startswith((f"request: {PAGE.as_uri()}", "request: blob:", "request: about:"))]
        same(f"{name}: what the page did besides", rest, [])
        check(f"{name}: requests are seen", f"request: {PAGE.as_uri()}" in self.events, self.events)
        same(f"{name}: obeyed", self.page.evaluate("window.obeyed ?? null"), None)
        self.context.close()


def examples():
    """The records that are shipped: file, files that go with it, arguments of the program."""
    for path in sorted((ROOT / "examples").glob("*")):
        name = f"examples/{path.name}"
        if path.suffix in (".yaml", ".json") and path.name not in ("site-policy.yaml", "verdicts.yaml"):
            yield name, [], []
    yield "examples/first-line-refractory.yaml", [SITE], ["--site", SITE]
    yield "examples/with-evidence.yaml", [SITE], ["--site", SITE]
    for trial in ("nct03057977", "nct03954834"):
        yield f"examples/trials/{trial}.yaml", [f"criteria/{trial}.yaml"], ["--trial", f"criteria/{trial}.yaml"]
    for bundle in ("mcode-pediatric-b-all", "synthea-patient"):
        yield f"examples/fhir/{bundle}.bundle.json", [], ["--from", "fhir"]
    response = FOLDER / "response.json"
    response.write_text(eligo("questionnaire", "--answers", "examples/with-evidence.yaml")[0], encoding="utf-8")
    yield str(response), [], ["--from", "questionnaire-response"]


def screens_as_the_program(browser):
    desk = Desk(browser)
    for record, beside, arguments in examples():
        desk.page.evaluate("for (const kind of ['trial', 'site']) by(`${kind}-back`).click()")
        desk.open(*beside, record)
        same(f"{record}: what was opened", desk.page.evaluate("state.name"), pathlib.PurePath(record).name)
        wanted, said = eligo("screen", record, *arguments, "--format", "json")
        screened = desk.screened()
        if wanted == "":
            # What the program refuses the page refuses in the same words.
            same(f"{record}: refused", screened["state"], "refused")
            check(f"{record}: errors", screened["problems"] and all(one["message"] in said for one in screened["problems"]), said)
        else:
            same(f"{record} {beside}: the report", screened["report"], json.loads(wanted))
            sheet, _ = eligo("screen", record, *arguments, "--format", "html")
            same(f"{record} {beside}: the sheet", hashlib.sha256(screened["sheet"].encode()).hexdigest(), hashlib.sha256(sheet.encode()).hexdigest())
            check(f"{record}: the verdict is shown", screened["headline"] == desk.verdict(), desk.verdict())
            frame = desk.page.frame_locator("#sheet")
            check(f"{record}: the sheet is shown", frame.locator("h1").inner_text().startswith("Screening sheet"))
    desk.close("examples")


# The answers that a page shows of one record, given again to an empty one.
GIVE_AGAIN = r"""notation => {
  const { answers } = state.screened;
  let text = '';
  const give = change => {
    const made = ask('change', '', text, notation, JSON.stringify({ item: null, field: null, ...change }), today());
    if (made.text === null) throw new Error(JSON.stringify([change, made.problems]));
    text = made.text;
  };
  const one = (answer, address) => {
    if (answer.other) throw new Error(`not shown: ${JSON.stringify(address)}`);
    if (answer.value !== null) give({ ...address, key: 'value', typed: answer.value });
    if (answer.missing) give({ ...address, key: 'missing', typed: answer.missing });
    for (const [key, typed] of Object.entries(answer.beside)) give({ ...address, key, typed });
  };
  for (const [path, answer] of Object.entries(answers)) {
    if (!answer.items) { one(answer, { path }); continue; }
    answer.items.forEach((item, index) => {
      for (const [field, part] of Object.entries(item.fields)) one(part, { path, item: index, field });
      for (const [key, typed] of Object.entries(item.beside)) give({ path, item: index, key, typed });
    });
    give({ path, key: 'state', typed: answer.items.length === 0 ? 'none' : answer.complete === false ? 'more' : 'complete' });
    for (const [key, typed] of Object.entries(answer.beside)) give({ path, key, typed });
  }
  return text;
}"""


def form_says_all_that_a_record_says(browser):
    """A record made of the answers that the form shows of another one comes to the same."""
    desk = Desk(browser)
    for record, beside, arguments in examples():
        if "--from" in arguments:
            continue
        desk.page.evaluate("for (const kind of ['trial', 'site']) by(`${kind}-back`).click()")
        desk.open(*beside, record)
        before = desk.screened()["report"]
        for notation in ("yaml", "json"):
            text = desk.page.evaluate(GIVE_AGAIN, notation)
            path = FOLDER / f"again.{notation}"
            path.write_text(text, encoding="utf-8")
            after, said = eligo("screen", path, *arguments, "--format", "json")
            check(f"{record}, given again in {notation}", after != "", said)
            part = lambda report: [(one["id"], one["verdict"], one["reason"], one["evidence"]) for one in report["criteria"]]
            if after:
                same(f"{record}, given again in {notation}", part(json.loads(after)), part(before))
    desk.close("given again")


KEYS_WRITTEN = """# What is known of a candidate for NCT04546906.
screened_on: 2026-11-20
candidate: LDP-1
sex: female
ecog: { value: 1, date: 2026-11-18, by: investigator-1 }
cd22:
  - { result: positive, specimen: bone_marrow }
allergies: []
hepatitis:
  hcv_rna: { missing: not_performed }
estimated_survival: "> 6 months"
remission:
  by: { value: [chemotherapy], complete: no }
"""


def answers_by_keyboard(browser):
    """A record from the keyboard alone, and what becomes of it."""
    desk = Desk(browser, accept_downloads=True)
    page = desk.page
    page.clock.set_fixed_time("2026-11-20T12:00:00")
    keys = page.keyboard

    def reach(where, limit=400):
        """Goes on with Tab until a control has the focus."""
        for _ in range(limit):
            if page.evaluate("document.activeElement.id || document.activeElement.textContent.trim()") == where:
                return
            keys.press("Tab")
        check(f"{where} is reached by Tab", False, page.evaluate("document.activeElement.outerHTML"))

    def back_to_start():
        page.evaluate("document.activeElement.blur(); window.getSelection().removeAllRanges()")
        page.evaluate("document.querySelector('.skip').focus()")

    def typed(where, text):
        back_to_start()
        reach(where)
        keys.type(text)
        keys.press("Enter" if page.evaluate("document.activeElement.tagName") == "INPUT" else "Tab")

    typed("q-candidate", "LDP-1")
    typed("q-sex", "fem")
    typed("q-ecog", "1")
    # Evidence is folded; its summary opens with Enter.
    back_to_start()
    reach("q-ecog")
    keys.press("Tab")
    keys.press("Tab")
    keys.press("Enter")
    typed("q-ecog-date", "2026-11-18")
    typed("q-ecog-by", "investigator-1")
    back_to_start()
    reach("Add: CD22 results")
    keys.press("Enter")
    same("a new item has the focus", page.evaluate("document.activeElement.id"), "q-cd22-0-result")
    keys.type("pos")
    keys.press("Tab")
    typed("q-cd22-0-specimen", "bone")
    check("a first item may have more beside it", "complete: no" in desk.text(), desk.text())
    typed("q-cd22", "these are all")
    typed("q-allergies", "asked, none")
    typed("q-hepatitis.hcv_rna", "not performed")
    typed("q-estimated_survival", "> 6 months")
    back_to_start()
    page.evaluate("state.form.parts.get('remission.by').items.focusOf().focus()")
    keys.press("Space")
    same("the text that the keyboard wrote", desk.text(), KEYS_WRITTEN)
    same("the form and the text are the same", page.input_value("#source"), KEYS_WRITTEN)
    with page.expect_download() as download:
        page.focus("#save")
        keys.press("Enter")
    path = FOLDER / "saved.yaml"
    download.value.save_as(path)
    same("the name of what is saved", download.value.suggested_filename, "LDP-1.yaml")
    same("what is saved", path.read_text(encoding="utf-8"), KEYS_WRITTEN)
    same("what is saved is screened alike", json.loads(eligo("screen", path, "--format", "json")[0]), desk.screened()["report"])
    # A wrong answer is shown where it stands, and nothing is screened with it.
    typed("q-ecog", "")
    page.fill("#q-ecog", "9")
    desk.wait("state.screened.state === 'refused'")
    check("the wrong answer is marked", page.get_attribute("#q-ecog", "aria-invalid") == "true")
    check("and explained", "0..5" in page.inner_text("#q-ecog-error"), page.inner_text("#q-ecog-error"))
    check("and no sheet is left of before", page.is_hidden("#sheet-part") and page.get_attribute("#sheet", "srcdoc") == "")
    check("and the verdict says so", desk.verdict().startswith("Not screened: 1 error"), desk.verdict())
    page.fill("#q-ecog", "")
    desk.wait("!state.text.includes('value: 9')")
    check("evidence without a value is no answer", "neither `value` nor `missing`" in page.inner_text("#q-ecog-error"), page.inner_text("#q-ecog-error"))
    page.focus("#q-ecog")
    keys.press("Tab")
    same("an answer taken back", re.findall("^ecog.*", desk.text(), re.M), ["ecog: null"])
    same("and nothing is refused", desk.screened()["state"], "screened")
    # Without its last item a list is not recorded.
    page.click("text=Remove 1")
    check("without its last item a list is not recorded", re.search(r"^cd22: null$", desk.text(), re.M) is not None, desk.text())
    page.focus("#ask-next")
    keys.press("Enter")
    first = desk.screened()["report"]["next"][0]["fact"]
    check("the next question is gone to", page.evaluate("path => state.form.parts.get(path).node.contains(document.activeElement)", first), first)
    # The clock of this test is put into every frame, and the frame of the sheet runs nothing.
    rest = [event for event in desk.events if not event.startswith(("request: ", "console: Blocked script execution"))]
    same("what the page said", rest, [])
    with page.expect_event("close"):
        page.close(run_before_unload=True)
    same("what is not saved is asked about", desk.dialogs, ["beforeunload"])
    desk.context.close()
    desk = Desk(browser)
    desk.open("examples/eligible.yaml")
    with desk.page.expect_event("close"):
        desk.page.close(run_before_unload=True)
    same("what is as it was opened is not", desk.dialogs, [])
    desk.context.close()


def wrong_texts(browser):
    desk = Desk(browser)
    page = desk.page
    desk.write("candidate: A\nscreened_on: 2026-11-20\nsex: femal\necog: 1\n")
    said = page.inner_text("#problems")
    check("a typo is explained", "`femal` is not a declared value" in said and "did you mean `female`?" in said, said)
    page.click("text=Line 3, column 6")
    same("its place is shown", page.evaluate("by('source').value.slice(by('source').selectionStart, by('source').selectionEnd)"), "femal")
    check("and stands at the question too", "femal" in page.evaluate("by('q-sex-error').textContent"))
    page.click("text=To the question")
    same("its question is gone to", page.evaluate("document.activeElement.id"), "q-sex")
    page.click("text=Write female")
    same("a click puts it right", desk.text(), "candidate: A\nscreened_on: 2026-11-20\nsex: female\necog: 1\n")
    check("and it is screened", desk.verdict().startswith("A: UNDETERMINED"), desk.verdict())
    desk.write("ecgo: 1\nsex: male\n")
    said = page.inner_text("#problems")
    check("a misspelt key is explained", "did you mean `ecog`?" in said, said)
    same("and belongs to no question", page.locator("#questions .wrong:not([hidden])").all_text_contents(), [])
    desk.write("sex: [male\n")
    check("a broken text takes no answers", page.evaluate("by('questions').inert"), desk.screened())
    desk.write("# nothing yet\n")
    page.click("#tab-form")
    page.select_option("#q-sex", label="male")
    check("comments alone can be added to", desk.text().startswith("# nothing yet\nscreened_on: "), desk.text())
    desk.write('{\n  "candidate": "A",\n  "screened_on": "2026-11-20",\n  "sex": "male",\n  "lactating": false\n}\n')
    page.click("#tab-form")
    page.select_option("#q-sex", value="")
    page.select_option("#q-lactating", value="=yes")
    page.fill("#q-age", "30")
    page.keyboard.press("Enter")
    wanted = '{\n  "candidate": "A",\n  "screened_on": "2026-11-20",\n  "sex": null,\n  "lactating": true,\n  "age": 30\n}\n'
    same("JSON stays JSON", desk.text(), wanted)
    same("and is screened", desk.screened()["state"], "screened")
    # More than a file may hold.
    huge = FOLDER / "huge.yaml"
    huge.write_text("note: " + "x" * (16 * 1024 * 1024), encoding="utf-8")
    before = desk.text()
    desk.open(huge)
    check("a huge file is refused", "larger than 16 MiB" in page.inner_text("#notice"), page.inner_text("#notice"))
    page.evaluate("say([])")
    page.evaluate("""() => {
      const data = new DataTransfer();
      data.setData('text/plain', 'x'.repeat(16 * 1024 * 1024 + 1));
      by('source').dispatchEvent(new ClipboardEvent('paste', { clipboardData: data, bubbles: true, cancelable: true }));
    }""")
    check("a huge paste is refused", "nothing was pasted" in page.inner_text("#notice"), page.inner_text("#notice"))
    same("and nothing changed", desk.text(), before)
    huge.write_text("note: |\n" + "  xxxxxxxxxxxxxxx\n" * 900_000, encoding="utf-8")
    desk.open(huge)
    same("a large file", page.evaluate("state.name"), "huge.yaml")
    check("what is just small enough is read", desk.screened()["state"] in ("screened", "refused"))
    huge.unlink()
    for name, bytes_, words in [
        ("scan.pdf", b"%PDF-1.7", "is a PDF, which is not read"),
        ("latin1.yaml", b"note: caf\xe9", "not valid UTF-8"),
        ("list.xlsx", b"PK\x03\x04", "`eligo batch` screens a list in one"),
    ]:
        (FOLDER / name).write_bytes(bytes_)
        desk.open(FOLDER / name)
        check(name, words in page.inner_text("#notice"), page.inner_text("#notice"))
    desk.close("wrong texts")


def dropped(browser):
    """Files that are dropped are taken for what they are."""
    desk = Desk(browser)
    page = desk.page
    drop = """files => {
      const data = new DataTransfer();
      for (const { name, text } of files) data.items.add(new File([text], name));
      for (const type of ['dragover', 'drop']) document.body.dispatchEvent(new DragEvent(type, { dataTransfer: data, bubbles: true, cancelable: true }));
    }"""
    text = lambda name: {"name": pathlib.PurePath(name).name, "text": (ROOT / name).read_text(encoding="utf-8")}
    # The order in which they are named does not matter.
    page.evaluate(drop, [text("examples/trials/nct03057977.yaml"), text("criteria/nct03057977.yaml")])
    desk.wait("state.name === 'nct03057977.yaml'")
    same("another trial", desk.screened()["report"]["trial"]["id"], "NCT03057977")
    check("its questions", page.inner_text("#trial").startswith("NCT03057977"))
    page.evaluate(drop, [text(SITE)])
    desk.wait("!by('notice').hidden")
    same("the policy of another trial is refused", page.inner_text("#site-file") or page.text_content("#site-file"), "none")
    page.evaluate("by('trial-back').click()")
    page.evaluate(drop, [text("examples/pregnant.yaml"), text(SITE)])
    desk.wait("state.name === 'pregnant.yaml'")
    same("a policy", page.text_content("#site-file"), "site-policy.yaml")
    broken = text("criteria/nct03057977.yaml")
    page.evaluate(drop, [{**broken, "text": broken["text"].replace("require:", "demands:", 1)}])
    desk.wait("!by('notice').hidden")
    check("a broken trial file is refused with its place", "demands" in page.inner_text("#notice"), page.inner_text("#notice"))
    same("and the trial before stays", desk.screened()["report"]["trial"]["id"], "NCT04546906")
    page.evaluate(drop, [text("criteria/nct03057977.yaml")])
    desk.wait("by('trial').textContent.startsWith('NCT03057977')")
    check("a policy that does not fit is put away aloud", "put away" in page.inner_text("#notice"), page.inner_text("#notice"))
    # A record that another took the place of comes back.
    page.evaluate("by('trial-back').click()")
    desk.write("sex: male\n")
    page.click("#example")
    check("an example", desk.screened()["state"] == "screened")
    page.click("#undo")
    same("the one before", desk.text(), "sex: male\n")
    page.evaluate(drop, [text("examples/fhir/mcode-pediatric-b-all.bundle.json")])
    desk.wait("state.screened.form === 'fhir'")
    before = desk.screened()["report"]
    check("FHIR takes no answers", page.evaluate("by('questions').inert"))
    page.click("#tab-text")
    page.click("#convert")
    desk.wait("state.screened.form === 'yaml'")
    verdicts = lambda report: [(one["id"], one["verdict"]) for one in report["criteria"]]
    same("FHIR turned into a record", verdicts(desk.screened()["report"]), verdicts(before))
    check("it takes answers", not page.evaluate("by('questions').inert"))
    desk.close("dropped")


def hostile_texts(browser):
    desk = Desk(browser)
    page = desk.page
    record = {"candidate": HOSTILE, "screened_on": "2026-11-20", "note": HOSTILE, "sex": HOSTILE, "ecog": {"value": 1, "by": HOSTILE, "note": HOSTILE}}
    desk.write(json.dumps(record))
    check("hostile words in an error", "<script>window.obeyed" in page.inner_text("#problems"), page.inner_text("#problems"))
    del record["sex"]
    desk.write(json.dumps(record))
    shown = page.frame_locator("#sheet").locator("body").inner_text()
    check("hostile words in the sheet", "<script>window.obeyed = 1</script>" in shown, shown[:300])
    same("hostile words in the form", page.input_value("#q-candidate"), HOSTILE)
    trial = {
        "format": "eligo/trial/1",
        "trial": {"id": "HOSTILE-1", "title": HOSTILE, "version": HOSTILE},
        "facts": {"ecog": {"type": "integer", "label": HOSTILE, "range": "0..5", "ask": HOSTILE, "note": HOSTILE}},
        "criteria": {"inclusion": [{"id": "I1", "title": HOSTILE, "text": HOSTILE, "require": "ecog <= 1"}]},
    }
    path = FOLDER / f"hostile {'x' * 120}.json"
    path.write_text(json.dumps(trial), encoding="utf-8")
    desk.open(path)
    desk.wait("by('trial').textContent.startsWith('HOSTILE-1')")
    page.click("#tab-form")
    check("hostile words in a question", "<script>window.obeyed = 1</script>" in page.inner_text("#questions"))
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 900})
        same(f"long words at {width} pixels", page.evaluate("document.documentElement.scrollWidth"), width)
    # The frame of the sheet runs nothing, whatever stands in it.
    page.evaluate("by('sheet').srcdoc = '<script>parent.obeyed = 3</scr' + 'ipt><p>x'")
    page.wait_for_timeout(200)
    desk.events[:] = [event for event in desk.events if "Blocked script execution" not in event and "Content Security Policy" not in event]
    desk.close("hostile")


# Ways out of a page. Each must be refused by the policy of the page itself.
WAYS_OUT = r"""async port => {
  const refused = [];
  document.addEventListener('securitypolicyviolation', event => refused.push(event.effectiveDirective));
  const there = `http://127.0.0.1:${port}/x`;
  const add = (tag, properties) => document.body.append(Object.assign(document.createElement(tag), properties));
  await fetch(there).catch(() => {});
  try { new WebSocket(`ws://127.0.0.1:${port}/x`); } catch {}
  try { new EventSource(there); } catch {}
  const request = new XMLHttpRequest();
  try { request.open('GET', there); request.send(); } catch {}
  navigator.sendBeacon(there, 'x');
  try { new Worker('data:text/javascript,1'); } catch {}
  add('img', { src: there });
  add('script', { src: there });
  add('script', { textContent: 'window.obeyed = 4' });
  add('link', { rel: 'stylesheet', href: there });
  add('iframe', { src: there });
  add('object', { data: there });
  add('video', { src: there });
  add('style', { textContent: `@font-face { font-family: x; src: url(${there}) } body::before { font-family: x; content: "x" }` });
  const form = Object.assign(document.createElement('form'), { action: there });
  document.body.append(form);
  form.submit();
  document.body.append(Object.assign(document.createElement('div'), { innerHTML: '<img src=x onerror="window.obeyed = 5">' }));
  setTimeout('window.obeyed = 6');
  await new Promise(done => setTimeout(done, 700));
  return refused;
}"""


def nothing_leaves(browser):
    """Every way out is tried, with somebody listening."""
    received = []

    class Listener(socketserver.BaseRequestHandler):
        def handle(self):
            # Chromium connects ahead for a navigation that it then refuses; what counts is whether it says anything.
            self.request.settimeout(3)
            try:
                received.append(self.request.recv(1_000))
            except TimeoutError:
                pass

    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Listener) as server:
        server.daemon_threads = True
        threading.Thread(target=server.serve_forever, daemon=True).start()
        port = server.server_address[1]
        # That it is heard is seen from a page which may.
        plain = browser.new_page()
        plain.evaluate("port => fetch(`http://127.0.0.1:${port}/x`, { mode: 'no-cors' }).catch(() => {})", port)
        check("somebody listens", any(b"GET /x" in one for one in received), received)
        plain.close()
        received.clear()
        desk = Desk(browser)
        refused = desk.page.evaluate(WAYS_OUT, port)
        server.shutdown()
    for directive in ["connect-src", "worker-src", "img-src", "script-src", "script-src-elem", "script-src-attr", "style-src-elem", "frame-src", "object-src", "media-src", "font-src", "form-action"]:
        check(f"{directive} is refused", directive in refused, refused)
    same("what was received", [one for one in received if one], [])
    same("what was obeyed", desk.page.evaluate("window.obeyed ?? null"), None)
    desk.context.close()


# What one sees and what a screen reader is told. Runs beside the page, not in it.
LOOK = r"""() => {
  const problems = [];
  const name = one => `${one.tagName.toLowerCase()}#${one.id} “${one.textContent.trim().slice(0, 40)}”`;
  const width = document.documentElement.clientWidth;
  if (document.documentElement.scrollWidth > width) problems.push(`the page is ${document.documentElement.scrollWidth} wide, the window ${width}`);
  const parts = colour => colour.match(/[\d.]+/g).map(Number);
  const light = ([red, green, blue]) => {
    const [r, g, b] = [red, green, blue].map(part => (part /= 255) <= .04045 ? part / 12.92 : ((part + .055) / 1.055) ** 2.4);
    return .2126 * r + .7152 * g + .0722 * b;
  };
  for (const one of document.querySelectorAll('body *')) {
    if (!one.checkVisibility() || ['SCRIPT', 'STYLE', 'OPTION', 'OPTGROUP'].includes(one.tagName)) continue;
    const box = one.getBoundingClientRect();
    if (box.right > width + 1 && !one.closest('pre')) problems.push(`beside the page: ${name(one)}`);
    if (!one.disabled && ![...one.childNodes].some(child => child.nodeType === 3 && child.textContent.trim())) continue;
    if (one.disabled) continue;
    let behind = one;
    while (behind && parts(getComputedStyle(behind).backgroundColor)[3] === 0) behind = behind.parentElement;
    const ground = behind ? parts(getComputedStyle(behind).backgroundColor) : [255, 255, 255];
    const [high, low] = [light(parts(getComputedStyle(one).color)), light(ground)].sort((a, b) => b - a);
    const contrast = (high + .05) / (low + .05);
    if (contrast < 4.5) problems.push(`contrast ${contrast.toFixed(1)}: ${name(one)}`);
  }
  const ids = [...document.querySelectorAll('[id]')].map(one => one.id);
  for (const id of ids) if (ids.indexOf(id) !== ids.lastIndexOf(id)) problems.push(`two elements are called ${id}`);
  for (const one of document.querySelectorAll('[for], [aria-labelledby], [aria-describedby], [aria-controls]'))
    for (const attribute of ['for', 'aria-labelledby', 'aria-describedby', 'aria-controls'])
      for (const id of (one.getAttribute(attribute) ?? '').split(' ').filter(Boolean))
        if (!ids.includes(id)) problems.push(`${attribute} of ${name(one)} names ${id}, which is not there`);
  for (const one of document.querySelectorAll('button, input, select, textarea, summary'))
    if (one.checkVisibility() && one.getBoundingClientRect().height < 20 && one.type !== 'checkbox') problems.push(`too small to hit: ${name(one)}`);
  return [...new Set(problems)];
}"""


def told(page):
    """What a screen reader is told: controls without a name, headings that leave out a level."""
    session = page.context.new_cdp_session(page)
    nodes = session.send("Accessibility.getFullAXTree")["nodes"]
    session.detach()
    value = lambda node, key: node.get(key, {}).get("value", "")
    levels = []
    for node in nodes:
        if node.get("ignored"):
            continue
        role = value(node, "role")
        if role in ("button", "textbox", "combobox", "checkbox", "tab", "group", "link", "DisclosureTriangle", "Iframe", "list", "region") and role not in ("group", "list", "region"):
            if not value(node, "name").strip():
                yield f"a {role} without a name"
        if role == "heading":
            levels.append(next(one["value"]["value"] for one in node["properties"] if one["name"] == "level"))
    if levels.count(1) != 1:
        yield f"headings of levels {levels}"
    if any(after > before + 1 for before, after in zip(levels, levels[1:])):
        yield f"headings leave out a level: {levels}"


def looks(browser):
    desk = Desk(browser)
    page = desk.page
    for name, prepare in [
        ("blank", lambda: None),
        ("form", lambda: (desk.open("examples/with-evidence.yaml"), page.evaluate("document.querySelectorAll('details').forEach(one => one.open = true)"))),
        ("text", lambda: page.click("#tab-text")),
        ("wrong", lambda: desk.write("candidate: A\nsex: femal\necgo: 1\nallergies:\n  - { substance: [1], klass: x }\n" + "note: " + "x" * 300)),
        ("wrong-form", lambda: page.click("#tab-form")),
    ]:
        prepare()
        for width in WIDTHS:
            page.set_viewport_size({"width": width, "height": 900})
            for scheme in ("light", "dark"):
                page.emulate_media(color_scheme=scheme)
                page.wait_for_timeout(50)
                same(f"{name} at {width} pixels, {scheme}", page.evaluate(LOOK), [])
                page.screenshot(path=FOLDER / f"{name}-{width}-{scheme}.png", full_page=name == "wrong")
        same(f"{name}: what is told", list(told(page)), [])
    desk.close("looks")


def prints(browser):
    """On paper stands the sheet, and nothing else."""
    desk = Desk(browser)
    desk.open("examples/eligible.yaml")
    desk.page.set_viewport_size({"width": 680, "height": 900})
    desk.page.emulate_media(media="print")
    desk.page.evaluate("fitSheet()")
    path = FOLDER / "printed.pdf"
    desk.page.pdf(path=path, prefer_css_page_size=True, format="A4")
    text = subprocess.run(["pdftotext", "-layout", path, "-"], capture_output=True, text=True, check=True).stdout
    check("the sheet is printed", text.lstrip().startswith("Screening sheet: LDP-0042"), text[:200])
    check("to its end", "Screened as of 2026-11-20 by eligo" in text, text[-300:])
    check("and nothing else", not any(word in text for word in ["Open…", "Next question", "Drop a file", "Form"]), text)
    desk.page.emulate_media(media="screen")
    # The button prints the frame by itself, with the header of each page.
    desk.page.evaluate("by('sheet').contentWindow.print = () => { window.printed = true; }")
    desk.page.keyboard.press("Control+p")
    check("Ctrl-P prints the sheet", desk.page.evaluate("window.printed") is True)
    desk.close("prints")


def locked_alike():
    """The page is made of the same versions of libraries as the program."""
    tree = ["cargo", "tree", "--locked", "--manifest-path", "web/Cargo.toml", "--package", "eligo-web", "--target", "wasm32-unknown-unknown", "--prefix", "none", "--format", "{p}"]
    lines = subprocess.run(tree, cwd=ROOT, capture_output=True, text=True, check=True).stdout.splitlines()
    page = {tuple(line.replace(" v", " ").split()[:2]) for line in lines if line}
    locked = tomllib.loads((ROOT / "Cargo.lock").read_text(encoding="utf-8"))["package"]
    program = {(one["name"], one["version"]) for one in locked}
    names = {name for name, _ in program}
    other = sorted(f"{name} {version}" for name, version in page - program if name in names)
    same("versions in web/Cargo.lock that the program does not have", other, [])


def main():
    shutil.rmtree(FOLDER, ignore_errors=True)
    FOLDER.mkdir(parents=True)
    wanted = sys.argv[4:]
    parts = [screens_as_the_program, form_says_all_that_a_record_says, answers_by_keyboard, wrong_texts, dropped, hostile_texts, nothing_leaves, looks, prints]
    locked_alike()
    with sync_playwright() as playwright:
        path = shutil.which("chromium") or shutil.which("chromium-browser")
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        for part in parts:
            if not wanted or part.__name__ in wanted:
                part(browser)
        browser.close()
    print(f"pictures are in {FOLDER}\n{passed} passed, {failed} failed")
    sys.exit(bool(failed))


main()
