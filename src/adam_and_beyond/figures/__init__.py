"""The book's figures: one style, one palette, one function per figure (data in, figure out).

Nothing here simulates, shows or reads a global.
"""

from adam_and_beyond.figures.figure_1 import (
    figure_1,
    published_and_simulated,
    step_size_inference,
)
from adam_and_beyond.figures.lines import (
    Band,
    Curve,
    bands_against_step,
    label_ends,
    learning_rates,
    lines_against_step,
)
from adam_and_beyond.figures.style import (
    AXIS_LABELS,
    CONVERGES,
    FAILS,
    OPTIMIZER_STYLE,
    THEORY,
    LineStyle,
    new_figure,
    use_book_style,
)

__all__ = [
    "AXIS_LABELS",
    "CONVERGES",
    "FAILS",
    "OPTIMIZER_STYLE",
    "THEORY",
    "Band",
    "Curve",
    "LineStyle",
    "bands_against_step",
    "figure_1",
    "label_ends",
    "learning_rates",
    "lines_against_step",
    "new_figure",
    "published_and_simulated",
    "step_size_inference",
    "use_book_style",
]
