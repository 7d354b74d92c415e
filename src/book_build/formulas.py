"""The places of formulas, kept until MathJax has set them: then nothing on the page moves.

matplotlib's mathtext knows the letters that MathJax uses (Computer Modern) and most of TeX's
formulas. So each formula's size is known, nearly, when its page is written, in units of the
reader's own letters. Without JavaScript the TeX source stands there, as Sphinx writes it.
"""

from __future__ import annotations

import functools
import html
import re
from typing import Any, NamedTuple

EM = 100  # mathtext rounds to whole pixels
EX = 0.442  # of MathJax's letters, which get the height of an x of the text around: ems
LINE = (0.75, 0.25)  # above and below the baseline, what fits any line of text: ems
MARGIN = 2.0  # above and below a display: ems
BETWEEN = 0.3  # the lines of a display: ems
STOPS = 12  # commands that mathtext may not know, in one formula
UNSET = re.compile(
    r'<(?P<tag>span|div) class="math notranslate nohighlight"(?P<rest>[^>]*)>'
    r"\s*(?P<number><span class=\"eqno\">.*?</span>)?\s*(?P<tex>\\[(\[].*?\\[)\]])",
    re.DOTALL,
)
# What TeX reads as mathtext does under another name.
NAMES = (
    (
        r"\\(begin|end)\{[a-z]+\*?\}(\{[a-z]+\})?|\\(displaystyle|textstyle|label\{[^}]*\}|nonumber)",
        "",
    ),
    (r"\\(le|ge|ne|to)(?![a-zA-Z])", lambda found: rf"\{LONG[found[1]]}"),
    (r"\\[lr]Vert(?![a-zA-Z])", r"\\Vert "),
    (r"\\[lr]vert(?![a-zA-Z])", "|"),
    (r"\\tfrac|\\cfrac", r"\\frac"),
    (r"\\(frac|dfrac) *(\d|[a-zA-Z]) *(\d|[a-zA-Z])", r"\\\1{\2}{\3}"),
    (r"\\(frac|dfrac) *(\d|[a-zA-Z]) *(?=\{)", r"\\\1{\2}"),
    (r"\\(sqrt) *(\d|[a-zA-Z])", r"\\\1{\2}"),
    (r"&|(?<!\\)~", " "),
    (r"\s+", " "),
)
LONG = {"le": "leq", "ge": "geq", "ne": "neq", "to": "rightarrow"}
SCRIPT = """\
<script>(() => {
  const { classList } = document.documentElement;
  const show = () => classList.remove("formulas-coming");
  classList.add("formulas-coming");
  addEventListener("DOMContentLoaded", () => {
    const set = window.MathJax?.startup?.promise;
    if (!set) return show();
    // Its letters come once they are asked for; until then their lines are too high.
    const letters = () => document.body.offsetHeight && document.fonts.ready;
    set.then(letters).then(show, show);
  });
  addEventListener("load", () => setTimeout(show, 8000));
})();</script>
"""


class Size(NamedTuple):
    """What a formula takes: width, and height above and below the baseline, in ems."""

    width: float
    above: float
    below: float


@functools.cache
def parser() -> Any:
    """Return what sets formulas in Computer Modern, and its letters."""
    from matplotlib.font_manager import FontProperties
    from matplotlib.mathtext import MathTextParser

    return MathTextParser("path"), FontProperties(size=EM, math_fontfamily="cm")


@functools.cache
def line(tex: str) -> Size:
    """Return the size of a formula on one line; of a command that is unknown, that of a letter."""
    parse, letters = parser()
    if "\\displaystyle" in tex:
        tex = outermost(tex)
    for pattern, other in NAMES:
        tex = re.sub(pattern, other, tex)
    for _ in range(STOPS):
        try:
            width, height, below, *_ = parse.parse(f"${tex.strip()}$", 72, letters)
        except ValueError as error:
            unknown = re.search(r"Unknown symbol: (\\[a-zA-Z]+)", str(error))
            if unknown is None:
                break
            tex = re.sub(rf"\\{unknown[1][1:]}(?![a-zA-Z])", "x", tex)
        else:
            return Size(width / EM, (height - below) / EM, below / EM)
    return Size(0.5 * len(re.sub(r"\\[a-zA-Z]+|[{}^_\\ ]", "", tex)), *LINE)


def outermost(tex: str) -> str:
    r"""Return a display in which the fractions that stand in no other keep the size of the text."""
    pieces, depth = re.split(r"(\\frac(?![a-zA-Z])|(?<!\\)[{}])", tex), 0
    for k, piece in enumerate(pieces):
        depth += (piece == "{") - (piece == "}")
        if piece == "\\frac" and depth == 0:
            pieces[k] = "\\dfrac"
    return "".join(pieces)


def inline(tex: str) -> Size:
    r"""Return the size of a formula in the text, where the limits of a sum stand beside it."""
    if "\\displaystyle" in tex:
        return line(tex)
    return line(re.sub(r"\\(sum|prod|int)(?![a-zA-Z])", r"\\\1{}", tex))


def display(tex: str) -> float:
    """Return the height of a displayed formula with its margins."""
    sizes = [
        line(rf"\displaystyle {part}")
        for part in re.split(r"\\\\(?:\[[^\]]*\])?", tex)
        if part.strip()
    ]
    heights = [max(size.above, LINE[0]) + max(size.below, LINE[1]) for size in sizes]
    return sum(heights) + BETWEEN * max(0, len(sizes) - 1) + MARGIN


def place(tag: str, tex: str) -> str:
    """Return the style of a formula's element: the place that it will take."""
    if tag == "div":
        return f"--height: {display(tex) / EX:.1f}ex"
    size = inline(tex)
    style = f"--width: {size.width / EX:.2f}ex"
    if size.above > LINE[0] * 1.1 or size.below > LINE[1] * 1.3:
        style += (
            f"; --height: {(size.above + size.below) / EX:.1f}ex; --below: {size.below / EX:.1f}ex"
        )
    return style


def keep(body: str) -> str:
    """Return a page's HTML in which each formula has its place."""

    def with_place(found: re.Match) -> str:
        style = place(found["tag"], html.unescape(found["tex"])[2:-2])
        start = len(f"<{found['tag']}")
        return f'<{found["tag"]} style="{style}"{found[0][start:]}'

    return UNSET.sub(with_place, body)


def keep_places(app: Any, page: str, template: str, context: dict, doctree: Any) -> None:
    """Keep the places of a page's formulas."""
    body = context.get("body", "")
    if UNSET.search(body):
        context["body"] = keep(body)
        context["metatags"] = f"{context.get('metatags', '')}\n{SCRIPT}"


def connect(app: Any) -> None:
    """Connect this part to Sphinx."""
    app.connect("html-page-context", keep_places)
    app.add_css_file("formulas.css")
