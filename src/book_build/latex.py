"""What the PDF needs: a check for TeX before any work, and a stand-in for a font package."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

TEX_PACKAGES = "texlive-xetex texlive-fonts-recommended fonts-freefont-otf latexmk make"
STAND_IN = Path(__file__).parent / "tex" / "bbm.sty"


def missing_tex() -> str | None:
    """Return one sentence when the programs that make the PDF are absent, else None."""
    absent = [name for name in ("xelatex", "latexmk", "make") if shutil.which(name) is None]
    if not absent:
        return None
    return (
        f"The PDF needs {' and '.join(absent)}: install TeX "
        f"(on Debian or Ubuntu: sudo apt-get install {TEX_PACKAGES}) and run `make pdf` again."
    )


def add_stand_in(app: Any, config: Any) -> None:
    """Put the stand-in beside the LaTeX sources."""
    config.latex_additional_files = [*config.latex_additional_files, str(STAND_IN)]


def connect(app: Any) -> None:
    """Connect this part to Sphinx."""
    app.connect("config-inited", add_stand_in)
