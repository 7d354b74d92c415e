"""From measurements to ratios, slopes, targets, the printed table and the stored file."""

from __future__ import annotations

import json
import math
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from benchmarks.measure import Measurement
from benchmarks.peers import PEERS

# The row of each table that the others are divided by.
REFERENCE = {"trajectory": "c_tuned", "iid": "numba_stochastic", "sweep": "c_sweep"}
_SLOPES = {
    "slope": "all sizes",
    "slope_beyond": "beyond fixed cost",
    "slope_last_decade": "last two sizes",
}
TITLES = {
    "trajectory": "One run, ratio to tuned C",
    "iid": "One run with random gradients, ratio to numba",
    "sweep": "A sweep, ratio to C with OpenMP on the same cores",
}


def rows(suite: str, groups: Sequence[Sequence[Measurement]]) -> list[dict[str, Any]]:
    """The rows of one table, with ratios of medians within each group."""
    found = []
    for group in groups:
        reference = next((m for m in group if m.case.peer == REFERENCE[suite]), None)
        for m in group:
            ratio = reference and m.nanoseconds / reference.nanoseconds
            found.append(m.row(ratio))
    return found


def slope(n: Sequence[float], seconds: Sequence[float]) -> float | None:
    """The exponent of a power law through the points: least squares on logarithms."""
    if len(n) < 2:
        return None
    x, y = [math.log(a) for a in n], [math.log(a) for a in seconds]
    mean_x, mean_y = sum(x) / len(x), sum(y) / len(y)
    covariance = sum((a - mean_x) * (b - mean_y) for a, b in zip(x, y, strict=True))
    return covariance / sum((a - mean_x) ** 2 for a in x)


def slope_beyond(n: Sequence[float], seconds: Sequence[float]) -> float | None:
    """The exponent of the time beyond the fixed cost of a call, its time at the smallest size.

    Fitted to the sizes that take at least twice that.
    """
    fixed = seconds[0]
    beyond = [(k, s - fixed) for k, s in zip(n, seconds, strict=True) if s >= 2 * fixed]
    return slope(*zip(*beyond, strict=True)) if beyond else None


def growth(groups: Sequence[Sequence[Measurement]]) -> dict[str, list[dict[str, Any]]]:
    """Time and memory against steps and against lanes, a curve per peer."""
    found: dict[str, list[dict[str, Any]]] = {}
    for group in groups:
        curves: dict[str, list[dict[str, Any]]] = {}
        for m in group:
            curves.setdefault(m.case.peer, []).append(m.row(None))
        axis = group[0].case.title
        found[axis] = [_curve(axis, peer, points) for peer, points in curves.items()]
    return found


def _curve(axis: str, peer: str, points: list[dict[str, Any]]) -> dict[str, Any]:
    n, seconds = [p[axis] for p in points], [p["seconds"] for p in points]
    return {
        "peer": peer,
        "label": PEERS[peer].label,
        "n": n,
        "seconds": seconds,
        "memory_mib": [p["memory_mib"] for p in points],
        "slope": slope(n, seconds),
        "slope_last_decade": slope(n[-2:], seconds[-2:]),
        "slope_beyond": slope_beyond(n, seconds) if n[0] == 1 else None,
    }


def _find(table: Sequence[Mapping[str, Any]], case: str, peer: str) -> float | None:
    return next((r["ratio"] for r in table if (r["case"], r["peer"]) == (case, peer)), None)


def _target(text: str, value: float | None, bound: float, least: bool = False) -> dict | None:
    if value is None:
        return None
    met = value >= bound if least else value <= bound
    sense = ">=" if least else "<="
    return {"text": text, "value": value, "sense": sense, "bound": bound, "met": met}


def targets(
    tables: Mapping[str, Sequence[Mapping[str, Any]]], curves: Mapping[str, Any]
) -> list[dict[str, Any]]:
    """What we aimed at, what was measured, and whether that is enough; only what was measured."""
    found = []
    table = tables.get("trajectory", ())
    for case in ("Adam", "AMSGrad"):
        general, steady = _find(table, case, "general"), _find(table, case, "steady")
        torch = _find(table, case, "torch")
        found += [
            _target(f"{case}: general simulator / tuned C", general, 2.3),
            _target(f"{case}: parallel in time / tuned C", _find(table, case, "parallel"), 0.9),
            _target(f"{case}: steady cycle with regret / tuned C", steady, 0.45),
            _target(
                f"{case}: torch loop / general simulator",
                general and torch and torch / general,
                1000,
                least=True,
            ),
            _target(
                f"{case}: random gradients / numba",
                _find(tables.get("iid", ()), case, "stochastic"),
                2.5,
            ),
            _target(
                f"{case}: random gradients, parallel in time / numba",
                _find(tables.get("iid", ()), case, "parallel_stochastic"),
                0.9,
            ),
        ]
    for case in ("1 core", "2 cores"):
        ratio = _find(tables.get("sweep", ()), case, "sweep")
        found.append(_target(f"sweep on {case} / C with OpenMP", ratio, 0.75))
    for axis, peer in (("steps", "general"), ("lanes", "sweep")):
        curve = next((c for c in curves.get(axis, ()) if c["peer"] == peer), None)
        if curve and curve["slope"] is not None:
            for key, what in _SLOPES.items():
                # A fit from one step or one lane on measures the fixed cost of a call. It is shown,
                # beside that of C, which is as far from linear, and is no target.
                if key != "slope" and curve[key] is not None:
                    off = abs(curve[key] - 1)
                    found.append(_target(f"growth with {axis}: |slope - 1|, {what}", off, 0.05))
    found.append(_memory_target(curves))
    return [target for target in found if target]


def _memory_target(curves: Mapping[str, Any]) -> dict[str, Any] | None:
    """What ten times the lanes add to peak memory beyond the result and the arguments."""
    curve = next((c for c in curves.get("lanes", ()) if c["peer"] == "sweep"), None)
    if not curve or len(curve["n"]) < 2:
        return None
    (n, most), (m, less) = list(zip(curve["n"], curve["memory_mib"], strict=True))[-1:-3:-1]
    # A lane's result is two numbers; its two hyperparameters are the caller's.
    extra = most - less - (n - m) * 4 * 8 / 2**20
    text = "sweep: MiB more for 10 times the lanes"
    return _target(text, extra, 16)


def text(stored: Mapping[str, Any]) -> str:
    """The table as printed."""
    lines = []
    for suite, table in stored["tables"].items():
        lines += ["", TITLES[suite]]
        lines.append(
            f"  {'':10}{'':36}{'ns/step':>10}{'ratio':>10}{'cores':>7}{'MiB':>7}{'error':>9}  steps"
        )
        for r in table:
            ratio = "" if r["ratio"] is None else f"{r['ratio']:.3g}"
            error = "" if r["error"] is None else f"{r['error']:.0e}"
            lines.append(
                f"  {r['case']:10}{r['label']:36}{r['nanoseconds']:10.3g}{ratio:>10}"
                f"{r['cores_got']:7.2f}{r['memory_mib']:7.0f}{error:>9}  {r['steps']:,}"
            )
    for axis, curves in stored["growth"].items():
        lines += ["", f"Growth with {axis}: slope over {', '.join(_SLOPES.values())}; seconds"]
        for c in curves:
            slopes = "".join(
                f"{'' if s is None else f'{s:.3f}':>8}" for s in (c[key] for key in _SLOPES)
            )
            times = " ".join(f"{s:.2g}" for s in c["seconds"])
            lines.append(f"  {c['label']:46}{slopes}  {times}")
    lines += ["", "Targets"]
    for t in stored["targets"]:
        verdict = "met" if t["met"] else "MISSED"
        lines.append(f"  {t['text']:58} {t['value']:9.3g} {t['sense']} {t['bound']:<6g} {verdict}")
    return "\n".join(lines).lstrip("\n")


def write(stored: Mapping[str, Any], path: Path) -> None:
    """Store the result, whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_suffix(".part")
    part.write_text(json.dumps(stored, indent=1) + "\n", "utf-8")
    os.replace(part, path)
