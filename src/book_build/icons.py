"""The theme's icons: the few that pages show, cut out of Font Awesome's font into one style sheet.

The theme loads a script and three fonts, 830 KB, for a dozen icons. `icons.css` has those a dozen,
in a font of a few KB that it carries itself; Font Awesome's licence stays beside it.
"""

from __future__ import annotations

import base64
import re
import shutil
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import Any

NAME = re.compile(r"\bfa-[a-z][a-z-]*")
RULE = re.compile(r'((?:\.fa-[\w-]+:before,?)+)\{content:"(.*?)"\}')
LETTER = re.compile(r'--pst-(?:icon|breadcrumb)[\w-]*:\s*"(.)"')
# The theme's script shows this one; the others stand in the pages.
BY_SCRIPT = {"fa-xmark"}

SHEET = """\
/* The icons that pages show, of Font Awesome Free (Fonticons, Inc.): icons CC BY 4.0, font SIL OFL
   1.1; the licence stands in vendor/fontawesome. */
@font-face {{
  font-family: "Font Awesome 6 Free";
  font-weight: 900;
  src: url("data:font/woff;base64,{font}") format("woff");
}}
:root {{
  --fa-font-solid: normal 900 1em/1 "Font Awesome 6 Free";
  --fa-font-brands: var(--fa-font-solid);
}}
:is(.fas, .fa-solid) {{
  display: inline-block;
  font: var(--fa-font-solid);
}}
.fa-lg {{
  font-size: 1.25em;
  line-height: 0.05em;
  vertical-align: -0.075em;
}}
{rules}
"""


def named_letters(sheet: str) -> dict[str, str]:
    """Return Font Awesome's table: the name of an icon -> its letter in the font."""
    table = {}
    for selectors, content in RULE.findall(sheet):
        letter = chr(int(content[1:], 16)) if content.startswith("\\") else content
        table |= dict.fromkeys(NAME.findall(selectors), letter)
    return table


def used_names(folder: Path) -> Iterator[str]:
    """Yield the names of icons that the site's pages have."""
    for path in folder.rglob("*.html"):
        if "_static" not in path.relative_to(folder).parts:
            yield from NAME.findall(path.read_text("utf-8"))


def cut(font: Path, letters: set[str]) -> bytes:
    """Return a font with these letters only."""
    from fontTools import subset
    from fontTools.ttLib import TTFont

    options = subset.Options(flavor="woff", layout_features=[], hinting=False)
    small = TTFont(font, recalcTimestamp=False)
    cutter = subset.Subsetter(options)
    cutter.populate(text="".join(sorted(letters)))
    cutter.subset(small)
    small.flavor = "woff"
    out = BytesIO()
    small.save(out)
    return out.getvalue()


def write_icons(app: Any, exception: Exception | None) -> None:
    """Write the style sheet, and drop the theme's script and fonts."""
    static = Path(app.outdir) / "_static"
    if exception is not None or app.builder.name != "html":
        return
    source = next((static / "vendor" / "fontawesome").glob("*/css")).parent
    table = named_letters((source / "css" / "all.min.css").read_text("utf-8"))
    names = sorted(table.keys() & (BY_SCRIPT | set(used_names(Path(app.outdir)))))
    theme = (static / "styles" / "pydata-sphinx-theme.css").read_text("utf-8")
    letters = {table[name] for name in names} | set(LETTER.findall(theme))
    font = base64.b64encode(cut(source / "webfonts" / "fa-solid-900.ttf", letters)).decode()
    rules = "\n".join(f'.{name}::before {{ content: "\\{ord(table[name]):x}"; }}' for name in names)
    (static / "icons.css").write_text(SHEET.format(font=font, rules=rules), "utf-8")
    for folder in ("css", "js", "webfonts"):
        shutil.rmtree(source / folder)


def connect(app: Any) -> None:
    """Connect this part to Sphinx."""
    app.connect("build-finished", write_icons)
