"""Draws docs/screen.svg, the picture in README.md, from what target/release/eligo writes; needs the package rich.

The first lines of a real report, as a terminal shows them: colours, width and words are the program's.
With --check it changes nothing, and fails if the picture is no longer what the program shows.
"""

import io
import pathlib
import re
import subprocess
import sys

from rich.console import Console
from rich.terminal_theme import TerminalTheme
from rich.text import Text

COMMAND = ["screen", "examples/cd22-not-reported.yaml"]
WIDTH, LINES = 96, 33
PICTURE = pathlib.Path("docs/screen.svg")
# Dark text on white prints, and has the contrast that WCAG 2.2 asks for.
THEME = TerminalTheme(
    (255, 255, 255),
    (36, 41, 47),
    [(36, 41, 47), (178, 24, 24), (17, 99, 41), (125, 78, 0), (9, 80, 160), (110, 50, 140), (20, 95, 105), (87, 96, 106)],
)


def drawn() -> str:
    line = ["target/release/eligo", *COMMAND, "--color", "always", "--width", str(WIDTH)]
    written = subprocess.run(line, stdout=subprocess.PIPE, text=True, check=False).stdout
    console = Console(record=True, width=WIDTH, file=io.StringIO(), force_terminal=True, color_system="truecolor")
    console.print(Text.from_ansi("\n".join([*written.splitlines()[:LINES], "…"])))
    svg = console.export_svg(title=" ".join(["eligo", *COMMAND]), theme=THEME, unique_id="screen")
    # A picture asks nothing of the network: the font is the reader's own.
    svg = re.sub(r"\s*@font-face \{.*?\}", "", svg, flags=re.S)
    svg = svg.replace("Fira Code, monospace", "ui-monospace, Menlo, Consolas, 'DejaVu Sans Mono', monospace")
    return "\n".join(line.rstrip() for line in svg.splitlines()) + "\n"


picture = drawn()
if "--check" not in sys.argv:
    PICTURE.write_text(picture, encoding="utf-8")
elif PICTURE.read_text(encoding="utf-8") != picture:
    sys.exit(f"{PICTURE} is not what the program shows; draw it again: python3 .ci/picture.py")
