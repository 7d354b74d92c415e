r"""Search by what readers type: "β2" finds β₂, `\beta_2` and `beta2`; chapters come first.

Both sides fold their words alike: here as the index is written, in the browser as it is asked.
"""

from __future__ import annotations

import re
import unicodedata
from pathlib import Path
from typing import Any

from sphinx.search.en import SearchEnglish

GREEK = {
    "α": "alpha",
    "β": "beta",
    "γ": "gamma",
    "δ": "delta",
    "ε": "epsilon",
    "ζ": "zeta",
    "η": "eta",
    "θ": "theta",
    "κ": "kappa",
    "λ": "lambda",
    "μ": "mu",
    "ν": "nu",
    "π": "pi",
    "ρ": "rho",
    "σ": "sigma",
    "τ": "tau",
    "φ": "phi",
    "ψ": "psi",
    "ω": "omega",
}
NAMES = "|".join(GREEK.values())
SCORER = Path(__file__).parent / "static" / "scorer.js"
# The same as `fold`: `normalize` turns the subscript ₂ into 2 in both languages.
SPLITTER = """\
var splitQuery = (query) => {
  const greek = %(greek)s;
  return query
    .normalize("NFKC")
    .toLowerCase()
    .replace(/[α-ω]/g, (letter) => greek[letter] ?? letter)
    .replace(/\\b(%(names)s)_\\{?([a-z0-9]+)\\}?/g, "$1$2")
    .split(/[^\\p{L}\\p{N}_]+/u)
    .filter((word) => word);
};
"""


def fold(text: str) -> str:
    r"""Return text in which a Greek letter is its name, and its subscript a part of that name.

    `β₂`, `\beta_2`, `\beta_{2}` and `beta_2` all become `beta2`.
    """
    plain = unicodedata.normalize("NFKC", text).lower()
    named = "".join(GREEK.get(letter, letter) for letter in plain)
    return re.sub(rf"\b({NAMES})_\{{?([a-z0-9]+)\}}?", r"\1\2", named)


def splitter() -> str:
    """Return the browser's half."""
    pairs = ", ".join(f'"{letter}": "{name}"' for letter, name in GREEK.items())
    return SPLITTER % {"greek": f"{{ {pairs} }}", "names": NAMES}


class BookEnglish(SearchEnglish):
    """English with the letters of formulas."""

    js_splitter_code = splitter()

    def split(self, input: str) -> list[str]:
        """Return the words of a text."""
        return super().split(fold(input))


def rank(app: Any, config: Any) -> None:
    """Let the scores say that a reader looks for chapters before the API."""
    config.html_search_scorer = str(SCORER)


def add_snippets(app: Any, page: str, *context: Any) -> None:
    """Load on the page of results alone what shows formulas there as text."""
    if page == "search":
        app.add_js_file("search.js", loading_method="defer")


def connect(app: Any) -> None:
    """Connect this part to Sphinx."""
    app.add_search_language(BookEnglish)
    app.connect("config-inited", rank)
    app.connect("html-page-context", add_snippets)
