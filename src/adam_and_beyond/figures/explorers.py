"""The explorers' pictures: maps of verdicts, and curves over the memory or the rarity."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from adam_and_beyond.figures.lines import Curve, label_ends, lines_against_step
from adam_and_beyond.figures.plane import Plane, plane_map
from adam_and_beyond.figures.style import (
    AXIS_LABELS,
    FAILS,
    OPTIMIZER_STYLE,
    THEORY,
    new_figure,
)


def phase_map_and_run(
    data: Plane,
    at: tuple[float, float],
    iterates: Sequence[Curve],
    regrets: Sequence[Curve],
    levels: Mapping[str, float],
) -> tuple[Figure, np.ndarray]:
    """A map and, beside it, the run at a point of it: iterate above average regret.

    Args:
      data: the map.
      at: the point, in the units of the map's axes.
      iterates: x_t per method, units of x.
      regrets: R_t / t per method, units of loss.
      levels: label -> value of each theoretical average regret.

    Returns:
      ``(fig, axes)``, axes of shape ``(3,)``.

    References:
      Ours.
    """
    fig, axes = new_figure(width=9.0, height=4.2, mosaic="mx;mr")
    plane_map(data, points=[(*at, "")], ax=axes[0])
    lines_against_step(iterates, "x", ax=axes[1])
    late = [c.y[len(c.y) // 20 :] for c in regrets] + [np.array([1.5 * v for v in levels.values()])]
    least, most = (float(f(np.concatenate(late), initial=0.0)) for f in (np.min, np.max))
    limits = (1.1 * least, 1.1 * most + (most == least))
    lines_against_step(regrets, "average_regret", levels=levels, y_limits=limits, ax=axes[2])
    return fig, axes


def rarity_against_memory(
    memory: np.ndarray,
    exact: np.ndarray,
    paper: np.ndarray,
    law: np.ndarray,
    at: tuple[float, float | None, float | None] | None = None,
) -> tuple[Figure, Axes]:
    """The period C from which Adam fails, against the memory of squares, on logarithmic axes.

    Args:
      memory: 1 / (1 - beta2), in rounds, shape ``(n,)``.
      exact: the smallest C for which Adam fails, shape ``(n,)``; nan where there is none.
      paper: the smallest C for which the paper's proof works, likewise.
      law: the law of large memories, 2 / sqrt(1 - beta2).
      at: a memory to mark, with its exact C and the paper's, either None where there is none.

    Returns:
      ``(fig, ax)``.

    References:
      Ours.
    """
    fig, ax = new_figure(width=7.0, height=4.0)
    adam = OPTIMIZER_STYLE["adam"]
    ax.plot(memory, law, **THEORY.keywords())
    ax.plot(memory, paper, color="black", linestyle=(0, (5, 3)), linewidth=1.4)
    ax.plot(memory, exact, **adam.keywords())
    ax.set_xscale("log")
    ax.set_yscale("log")
    ax.set_xlim(memory[0], memory[-1])
    ax.set_ylim(bottom=1)
    if at is not None:
        ax.axvline(at[0], color=THEORY.colour, linewidth=THEORY.width)
        for C in at[1:]:
            if C is not None:
                ax.plot(at[0], C, "o", color="white", markeredgecolor="black", markeredgewidth=2)
    ax.set_xlabel(r"memory $1/(1 - \beta_2)$, rounds")
    ax.set_ylabel("$C$: the big gradient comes once in $C$ rounds")
    named = ((paper, "the paper", "black"), (exact, "exact", adam.colour))
    named = (*named, (law, "law", THEORY.colour))
    label_ends(ax, [(y[np.isfinite(y)][-1], text, colour) for y, text, colour in named])
    return fig, ax


def conditions_against_C(
    C: np.ndarray,
    ratios: Mapping[str, np.ndarray],
    first: Mapping[str, int],
    exact: int | None,
) -> tuple[Figure, Axes]:
    """Left over right side of conditions on C, on logarithmic axes: below 1 one holds.

    Args:
      C: even numbers, shape ``(n,)``.
      ratios: name of a condition -> positive values, shape ``(n,)``.
      first: label -> C from which on a condition holds; the largest begins the darkest part.
      exact: C from which Adam fails, which begins the lighter part; None without.

    Returns:
      ``(fig, ax)``.

    References:
      Reddi, Kale and Kumar (2018), Theorem 2.
    """
    fig, ax = new_figure(width=7.0, height=4.0)
    for (name, ratio), dash in zip(ratios.items(), ((1, 1.6), (), (6, 3)), strict=True):
        line = (0, dash) if dash else "-"
        ax.plot(C, ratio, color="black", linestyle=line, linewidth=1.6, label=name)
    ax.axhline(1, color=THEORY.colour, linewidth=THEORY.width)
    for start in (exact, max(first.values(), default=None)):
        if start is not None:
            ax.axvspan(start, C[-1], color=FAILS, alpha=0.2, linewidth=0)
    marks = [(C_first, text, "black") for text, C_first in first.items()]
    if exact is not None:
        marks.append((exact, f"Adam first fails at {exact}", FAILS))
    for row, (x, text, colour) in enumerate(marks):
        right = np.log(x / C[0]) > 0.5 * np.log(C[-1] / C[0])
        frame = {"xycoords": ("data", "axes fraction"), "textcoords": "offset points"}
        ax.axvline(x, color=colour, linewidth=0.8, linestyle=":")
        ax.annotate(
            text,
            xy=(x, 0.93 - 0.075 * row),
            xytext=(-5 if right else 5, 0),
            ha="right" if right else "left",
            color=colour,
            bbox={"facecolor": "white", "alpha": 0.7, "linewidth": 0, "pad": 1},
            **frame,
        )
    ax.set_xscale("log")
    ax.set_yscale("log")
    ax.set_xlim(C[0], C[-1])
    ax.set_ylim(1e-3, 1e3)
    ax.set_xlabel("rare gradient and period $C$")
    ax.set_ylabel("left side / right side")
    ax.legend(loc="lower left")
    return fig, ax


def grid_and_curves(
    against_alpha: Sequence[tuple[str, str, np.ndarray, np.ndarray]],
    against_step: Sequence[tuple[str, str, np.ndarray, np.ndarray]],
    measure: str,
    marks: Sequence[tuple[float, float]] = (),
) -> tuple[Figure, np.ndarray]:
    """A measure of training runs against alpha, and beside it against the step.

    Args:
      against_alpha: method, label, alphas of shape ``(n,)``, and mean, least and largest value
        over the seeds, ``(3, n)``; nan where a run was stopped.
      against_step: method, label, steps ``(k,)`` and values ``(3, k)``.
      measure: ``"train_loss"``, ``"test_loss"`` or ``"test_accuracy"``.
      marks: points (alpha, value) to mark.

    Returns:
      ``(fig, axes)``, axes of shape ``(2,)``.
    """
    fig, axes = new_figure(2, width=9.0, height=3.6)
    for ax, data in zip(axes, (against_alpha, against_step), strict=True):
        for name, _, x, (mean, low, high) in data:
            ax.fill_between(x, low, high, color=OPTIMIZER_STYLE[name].colour, alpha=0.18, lw=0)
            ax.plot(x, mean, **OPTIMIZER_STYLE[name].keywords())
        means = np.concatenate([d[3][0] for d in data] or [np.ones(1)])
        least, most = np.nanmin(means), np.nanmax(means)
        if measure.endswith("loss"):
            ax.set_yscale("log" if most > 8 * least else "linear")
            ax.set_ylim(least / 1.05, min(most, 100 * least) * 1.05)
        else:
            ax.set_ylim(max(least, 1 - 4 * (1 - most)) - 0.002, min(most + 0.002, 1))
        ax.set_ylabel(measure.replace("_", " "))
    axes[0].set_xscale("log")
    axes[0].set_xlabel(AXIS_LABELS["alpha"])
    axes[1].set_xlabel(AXIS_LABELS["t"])
    for alpha, value in marks:
        axes[0].plot(alpha, value, "o", color="white", markeredgecolor="black")
    ends = [
        (mean[-1], label, OPTIMIZER_STYLE[name].colour)
        for name, label, _, (mean, *_) in against_step
        if np.isfinite(mean[-1])
    ]
    label_ends(axes[1], ends)
    return fig, axes
