"""What the PDF needs: a check for TeX before any work, the look of the book, the size of paper."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import Any

from sphinx.builders.latex import LaTeXBuilder

TEX_PACKAGES = "texlive-xetex texlive-fonts-recommended fonts-freefont-otf latexmk make"
TEX = Path(__file__).parent / "tex"
# What `make pdf PAPER=...` may say.
PAPERS = {"a4": "a4paper", "letter": "letterpaper"}
PAPER = "ADAM_AND_BEYOND_PAPER"


def missing_tex() -> str | None:
    """Return one sentence when the programs that make the PDF are absent, else None."""
    absent = [name for name in ("xelatex", "latexmk", "make") if shutil.which(name) is None]
    if not absent:
        return None
    return (
        f"The PDF needs {' and '.join(absent)}: install TeX "
        f"(on Debian or Ubuntu: sudo apt-get install {TEX_PACKAGES}) and run `make pdf` again."
    )


def style(app: Any, config: Any) -> None:
    """Put our style beside the LaTeX sources and let it have the last word."""
    config.latex_additional_files = [
        *config.latex_additional_files,
        *(str(path) for path in sorted(TEX.iterdir())),
    ]
    config.latex_table_style = ["booktabs"]
    config.latex_domain_indices = ["prf-prf"]
    config.latex_elements = {
        **config.latex_elements,
        "papersize": PAPERS[os.environ.get(PAPER, "a4")],
        "pointsize": "11pt",
        "extraclassoptions": "openany",
        "fontpkg": "",
        "fncychap": "",
        "fvset": "\\fvset{fontsize=\\footnotesize}",
        "preamble": config.latex_elements.get("preamble", "") + "\n\\usepackage{adamandbeyond}\n",
        "maketitle": "\\booktitlepage",
    }


def settle(app: Any) -> None:
    """Undo what sphinx-jupyterbook-latex sets for books with parts, and take readable colours."""
    app.config.numfig_secnum_depth = 1
    if isinstance(app.builder, LaTeXBuilder):
        app.config.pygments_style = app.config.html_theme_options["pygments_light_style"]


def connect(app: Any) -> None:
    """Connect this part to Sphinx."""
    # After sphinx-jupyterbook-latex, whose preamble ours completes.
    app.connect("config-inited", style, priority=900)
    app.connect("builder-inited", settle, priority=900)
