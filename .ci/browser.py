#!/usr/bin/env python3
"""Opens the sheets that `eligo` writes in a real browser, and looks for what no test of their text would see.

    browser.py target/release/eligo [FOLDER]

Of each page: no message on the console, no request but for the file itself, nothing of an input at work; headings, tables and pictures as
a screen reader is told of them; nothing beside the page or out of its box at 400 and 1200 pixels; text that stands out from what is behind it,
light and dark; printed, the number of pages and a header on each. FOLDER (target/browser) keeps the pages, pictures of them and the PDFs for
whoever wants to look. Needs the package playwright, without a browser of its own, and chromium, pdftotext and pdfinfo.
"""

import json
import pathlib
import re
import shutil
import subprocess
import sys

from playwright.sync_api import sync_playwright

ROOT = pathlib.Path(__file__).resolve().parent.parent
ELIGO = pathlib.Path(sys.argv[1]).resolve()
FOLDER = (pathlib.Path(sys.argv[2]) if len(sys.argv) > 2 else ROOT / "target" / "browser").resolve()
WIDTHS = (400, 1200)
# A4 without its margins.
PAPER = 680
BIDI = re.compile("[\u200e\u200f\u202a-\u202e\u2066-\u2069]")

HOSTILE = (
    "</style></title><script>alert(1)</script>\"><svg onload=alert(2)> "
    "{{ 7 * 7 }} \u202etxt \u2066| <img src=http://127.0.0.1:9/x>"
)
TRIAL = {
    "format": "eligo/trial/1",
    "trial": {"id": "HOSTILE-1", "title": HOSTILE, "version": HOSTILE},
    "facts": {
        "ecog": {"type": "integer", "label": HOSTILE, "range": "0..5", "ask": HOSTILE},
        "other": {"type": "boolean", "label": "Other"},
    },
    "criteria": {
        "inclusion": [
            {"id": "I1", "title": HOSTILE, "text": HOSTILE, "require": "ecog <= 1", "cautions": [{"when": "ecog > 1", "say": HOSTILE}]},
            {"id": "I2", "title": "W" * 120, "text": "W" * 120, "require": "other"},
        ],
        "exclusion": [{"id": "E1", "title": "极长的标题" * 9, "text": "极长的标题" * 9, "exclude": "other"}],
    },
}
# More than a page can show in one picture or one table.
MANY = {
    "format": "eligo/trial/1",
    "trial": {"id": "MANY-1", "title": "Many criteria"},
    "facts": {"value": {"type": "integer", "label": "Value", "range": "0..99"}},
    "criteria": {"inclusion": [{"id": f"C{n}", "title": f"Criterion {n} of many", "text": "t", "require": f"value != {n}"} for n in range(1, 46)]},
}
SITE = {"format": "eligo/site/1", "site": HOSTILE, "trial": "HOSTILE-1"}
RECORD = {
    "candidate": HOSTILE,
    "screened_on": "2026-11-20",
    "note": HOSTILE,
    "ecog": {"value": 3, "date": "2026-11-18", "by": HOSTILE, "source": HOSTILE, "note": HOSTILE},
}
# No place to break a line.
LONG = {**RECORD, "candidate": "X" * 250, "note": "y" * 300}


def rows():
    """A long list, in which candidates fail, lack something, or cannot be read."""
    base = json.loads((ROOT / "examples" / "t-all.json").read_text(encoding="utf-8"))
    changes = [{}, {"diagnosis": "b_all"}, {"diagnosis": "b_all", "ecog": 4}, {"consent": "unknown"}, {"ecog": 9}]
    for number in range(2500):
        yield {**base, **changes[number % len(changes)], "candidate": f"LONG-{number:04}"}


def written(name, value):
    path = FOLDER / name
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    path.write_text(text, encoding="utf-8")
    return path


def pages():
    """Each page: its name, the arguments that write it, words of its printed header, and how many pages it prints on."""
    hostile = ["--trial", written("trial.yaml", TRIAL), "--site", written("site.yaml", SITE)]
    lines = "".join(json.dumps(row) + "\n" for row in [RECORD, LONG, {**RECORD, "ecog": 9}])
    long = "".join(json.dumps(row) + "\n" for row in rows())
    for example, candidate, count in [
        ("eligible.yaml", "LDP-0042", 4),
        ("several-exclusions.yaml", "LDP-0090", 4),
        ("nearly-empty.yaml", "LDP-0084", 5),
        ("chinese-notes.yaml", "LDP-0103", 4),
        ("t-all.json", "LDP-0110", 4),
    ]:
        yield example.split(".")[0], ["screen", f"examples/{example}"], f"NCT04546906 {candidate}", count
    site = ["--site", "examples/site-policy.yaml"]
    yield "with-evidence", ["screen", "examples/with-evidence.yaml", *site], "NCT04546906 LDP-0095", 4
    other = ["--trial", "criteria/nct03057977.yaml"]
    yield "other-trial", ["screen", "examples/trials/nct03057977.yaml", *other], "NCT03057977 HF-0007", 4
    yield "hostile", ["screen", written("hostile.json", RECORD), *hostile], "HOSTILE-1 </style>", 2
    yield "long-words", ["screen", written("long.json", LONG), *hostile], "HOSTILE-1 XXX", 2
    yield "list", ["batch", "examples/referrals.csv"], "NCT04546906 examples/referrals.csv", 4
    yield "long-list", ["batch", written("long.ndjson", long)], "NCT04546906 ", 7
    many = "".join(json.dumps({"candidate": f"M-{n}", "screened_on": "2026-11-20", "value": n % 60 or None}) + "\n" for n in range(120))
    many = ["batch", written("many.ndjson", many), "--trial", written("many.yaml", MANY)]
    yield "many-criteria", many, "MANY-1", 15
    # One candidate in parts that stand apart: no verdict of the list may be used.
    parts = "candidate,cd22.1.result\nA,positive\nB,positive\nA,negative\n,\n"
    yield "parts", ["batch", written("parts.csv", parts)], "NCT04546906 ", 6
    yield "hostile-list", ["batch", written("hostile.ndjson", lines), *hostile], "HOSTILE-1 ", 3


# What makes a page wide, drawn out of its box, active, or hard to read. Runs beside the page, not in it.
LOOK = r"""() => {
  const problems = [];
  const name = one => one.tagName.toLowerCase() + (one.id ? '#' + one.id : '') + ' “' + one.textContent.trim().slice(0, 40) + '”';
  const active = 'script,iframe,object,embed,link,img,video,audio,form,input,base,meta[http-equiv=refresh],a[href^="javascript"]';
  for (const one of document.querySelectorAll(active)) problems.push('active: ' + name(one));
  for (const one of document.querySelectorAll('*'))
    for (const attribute of one.attributes)
      if (attribute.name.startsWith('on')) problems.push(`active: ${attribute.name} of ${name(one)}`);
  const width = document.documentElement.clientWidth;
  if (document.documentElement.scrollWidth > width)
    problems.push(`the page is ${document.documentElement.scrollWidth} wide, the window ${width}`);
  for (const one of document.querySelectorAll('body *')) {
    const box = one.getBoundingClientRect();
    if (box.right > width + 1 && !one.closest('.scroll')) problems.push('beside the page: ' + name(one));
    if (one.closest('.scroll') && !one.closest('.scroll').hasAttribute('tabindex')) problems.push('not reached by keys: ' + name(one));
  }
  for (const svg of document.querySelectorAll('svg')) {
    const paper = svg.viewBox.baseVal, boxes = [...svg.querySelectorAll('rect')].map(one => one.getBBox());
    for (const text of svg.querySelectorAll('text')) {
      const is = text.getBBox();
      if (is.x < 0 || is.y < 0 || is.x + is.width > paper.width || is.y + is.height > paper.height + 1)
        problems.push('out of the drawing: ' + name(text));
      const inside = boxes.find(box => box.height > 15 && is.x >= box.x && is.x <= box.x + box.width && is.y >= box.y - 1 && is.y <= box.y + box.height);
      if (inside && is.x + is.width > inside.x + inside.width) problems.push('out of its box: ' + name(text));
    }
    for (const [at, one] of boxes.entries())
      for (const other of boxes.slice(at + 1))
        if (one.height > 15 && other.height > 15 && one.x < other.x + other.width && other.x < one.x + one.width && one.y < other.y + other.height && other.y < one.y + one.height)
          problems.push(`boxes of ${svg.querySelector('title')?.textContent} lie one upon the other`);
  }
  const parts = colour => colour.match(/[\d.]+/g).map(Number);
  const light = ([red, green, blue]) => {
    const [r, g, b] = [red, green, blue].map(part => (part /= 255) <= .04045 ? part / 12.92 : ((part + .055) / 1.055) ** 2.4);
    return .2126 * r + .7152 * g + .0722 * b;
  };
  for (const one of document.querySelectorAll('body *')) {
    if (![...one.childNodes].some(child => child.nodeType === 3 && child.textContent.trim())) continue;
    if (['title', 'desc', 'style'].includes(one.tagName.toLowerCase())) continue;
    let behind = one;
    while (behind && parts(getComputedStyle(behind).backgroundColor)[3] === 0) behind = behind.parentElement;
    const ground = behind ? parts(getComputedStyle(behind).backgroundColor) : [255, 255, 255];
    const [high, low] = [light(parts(getComputedStyle(one).color)), light(ground)].sort((a, b) => b - a);
    const contrast = (high + .05) / (low + .05);
    if (contrast < 4.5) problems.push(`contrast ${contrast.toFixed(1)}: ${name(one)}`);
  }
  return [...new Set(problems)];
}"""


def told(page):
    """What a screen reader is told: problems with headings, tables and pictures."""
    session = page.context.new_cdp_session(page)
    nodes = session.send("Accessibility.getFullAXTree")["nodes"]
    session.detach()
    by_id = {node["nodeId"]: node for node in nodes}
    role = lambda node: node.get("role", {}).get("value")
    named = lambda node: node.get("name", {}).get("value", "").strip()

    def below(node):
        for child in node.get("childIds", []):
            if child in by_id:
                yield by_id[child]
                yield from below(by_id[child])

    levels = []
    for node in nodes:
        if role(node) == "heading":
            level = next(one["value"]["value"] for one in node["properties"] if one["name"] == "level")
            levels.append(level)
            if not named(node):
                yield "a heading without words"
    if levels.count(1) != 1 or levels[0] != 1:
        yield f"headings of levels {levels}"
    if any(next_one > one + 1 for one, next_one in zip(levels, levels[1:])):
        yield f"headings leave out a level: {levels}"
    tables = [node for node in nodes if role(node) == "table"]
    if not tables:
        yield "no table"
    for table in tables:
        roles = [role(node) for node in below(table)]
        if not named(table):
            yield "a table without a caption"
        if "columnheader" not in roles:
            yield f"table “{named(table)}” has no headers of columns"
        if "rowheader" not in roles and not named(table).startswith("The investigator's decision"):
            yield f"table “{named(table)}” has no headers of rows"
    drawn = page.locator("svg").count()
    pictures = [node for node in nodes if role(node) in ("image", "img")]
    if len(pictures) != drawn or not all(map(named, pictures)):
        yield f"{drawn} pictures, of which {len(pictures)} are told, by the names {[named(one) for one in pictures]}"


def look(page):
    """Looks at a page at each width, light and dark."""
    name = pathlib.PurePath(page.url).stem
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 900})
        for scheme in ("light", "dark"):
            page.emulate_media(color_scheme=scheme, media="screen")
            page.screenshot(path=FOLDER / f"{name}-{width}-{scheme}.png", full_page=True)
            yield from (f"{width} pixels, {scheme}: {one}" for one in page.evaluate(LOOK))
        yield from (f"{width} pixels: {one}" for one in told(page))
    # What is wider than the paper would be printed smaller.
    page.set_viewport_size({"width": PAPER, "height": 900})
    page.emulate_media(media="print")
    wide = page.evaluate("document.documentElement.scrollWidth")
    if wide > PAPER:
        yield f"{wide} pixels wide on paper of {PAPER}"
    text = page.locator("body").inner_text()
    if BIDI.search(text):
        yield "a character that turns the direction of text"
    if "hostile" in name and "<script>alert(1)</script>" not in text.replace("\n", ""):
        yield "hostile words are not shown as they are"


def printed(page, header, count):
    """Prints a page, and looks at the sheets of paper."""
    name = pathlib.PurePath(page.url).stem
    path = FOLDER / f"{name}.pdf"
    page.emulate_media(media="print")
    page.pdf(path=path, prefer_css_page_size=True)
    size = subprocess.run(["pdfinfo", path], capture_output=True, text=True, check=True).stdout
    if not re.search(r"Page size: +59[45]\.\d+ x 84[12]", size):
        yield "it is not printed on A4"
    text = subprocess.run(["pdftotext", "-layout", path, "-"], capture_output=True, text=True, check=True).stdout
    sheets = text.split("\f")[:-1]
    # A word more in a trial file may begin a page, or end one.
    if abs(len(sheets) - count) > 1:
        yield f"{len(sheets)} printed pages instead of {count}"
    for number, sheet in enumerate(sheets, 1):
        first = sheet.strip().split("\n\n")[0]
        if header not in first or not re.search(rf"\b{number} ?/ ?{len(sheets)}\b", first):
            yield f"page {number} begins with “{first}”, not with {header} and its number"
        if len(sheet.split()) < 25:
            yield f"page {number} is nearly empty"


def problems_of(browser, path, header, count):
    """Opens a page, and says what is wrong with it."""
    page, events = browser.new_page(), []
    page.on("console", lambda message: events.append(f"console: {message.text}"))
    page.on("pageerror", lambda error: events.append(f"error: {error}"))
    page.on("dialog", lambda dialog: (events.append(f"dialog: {dialog.message}"), dialog.dismiss()))
    page.on("request", lambda request: events.append(f"request: {request.url}"))
    page.goto(path.as_uri())
    problems = [*look(page), *printed(page, header, count)]
    page.close()
    itself = f"request: {path.as_uri()}"
    if itself not in events:
        problems.append("the page itself was not requested: requests are not seen")
    return problems + [event for event in events if event != itself]


# All that is looked for, on one page; and what must be found there, so that the looking is known to work.
BAD = """<!doctype html><title>Bad</title><style>p { color: #999; background: #888 } @page { size: A5 }</style>
<h1>One</h1><h3>Three</h3><h1></h1><p onclick="">grey on grey \u202e</p><div style="width: 3000px">wide</div>
<table role=table><tr><td>1</table><div class="scroll">no keys</div><img src="http://127.0.0.1:9/x"><script>console.log(1); alert(2)</script>
<svg viewBox="0 0 50 50"><rect width="40" height="20"/><rect width="40" height="20" y="9"/><text y="15">out of its box</text></svg>"""
FOUND = [
    "active: script", "active: img", "active: onclick", "is 3008 wide", "beside the page", "not reached by keys", "out of the drawing",
    "out of its box", "one upon the other", "contrast 1.", "heading without words", "headings of levels", "leave out a level",
    "without a caption", "no headers of columns", "no headers of rows", "1 pictures, of which", "wide on paper", "direction of text",
    "not printed on A4", "printed pages instead", "begins with", "nearly empty", "console: 1", "dialog: 2", "request: http://127.0.0.1:9/x",
]


def main():
    shutil.rmtree(FOLDER, ignore_errors=True)
    FOLDER.mkdir(parents=True)
    browser_path = shutil.which("chromium") or shutil.which("chromium-browser")
    problems, looked = [], 0
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=browser_path, args=["--no-sandbox"])
        found = problems_of(browser, written("bad.html", BAD), "header", 9)
        problems += [f"bad: not found: {one}" for one in FOUND if not any(one in problem for problem in found)]
        for name, arguments, header, count in pages():
            path = FOLDER / f"{name}.html"
            made = subprocess.run([ELIGO, *arguments, "--output", path], cwd=ROOT, capture_output=True, text=True)
            if path.exists():
                problems += [f"{name}: {one}" for one in problems_of(browser, path, header, count)]
                looked += 1
            else:
                problems.append(f"{name}: not written: {made.stderr}")
        browser.close()
    print("\n".join(problems) or f"{looked} pages at {len(WIDTHS)} widths, light, dark and printed: nothing found")
    print(f"pictures and PDFs are in {FOLDER}")
    sys.exit(bool(problems))


main()
