"""The report of an audit: in a terminal, in a notebook, as JSON."""

from __future__ import annotations

import dataclasses
import html
import json
from typing import Any

import numpy as np

from adam_and_beyond.audit.verdicts import CONVERGED, FAILED, VERDICTS, Verdict

_MARKS = {"converged": "✓", "failed": "✗", "undecided": "?", "crashed": "!"}
_COLOURS = {"converged": "#0072B2", "failed": "#D55E00", "undecided": "#595959"}
NOTE = (
    "A verdict on lines says whether a method can tell a slope from its mirror image. It does not "
    "say how fast a method trains a network."
)


@dataclasses.dataclass(frozen=True, eq=False)
class Report:
    """What the audit says of an optimizer."""

    label: str
    verdicts: tuple[Verdict, ...]
    looks_at_x: bool | None  # None where nothing could be observed
    couples: bool | None
    smallest_failing_C: int | None  # in Theorem 2's family; None: none of ``rarities``, or unknown
    rarities: tuple[int, ...]  # that were tried and have a D
    learning_rate: float
    steps: int  # of each run
    versions: dict[str, str]
    D_by_C: tuple[float, ...] = ()  # at ``rarities``

    @property
    def counts(self) -> dict[str, int]:
        """How many problems got each verdict."""
        return {v: sum(one.verdict == v for one in self.verdicts) for v in VERDICTS}

    @property
    def defeated(self) -> bool:
        """Whether any problem of the suite defeats it."""
        return any(one.verdict in (FAILED, "crashed") for one in self.verdicts)

    def of(self, name: str) -> Verdict:
        """The verdict on one problem.

        Args:
          name: of the suite, e.g. ``"figure-1"``.

        Returns:
          The ``Verdict``.

        Raises:
          ValueError: if the report has none of that name.
        """
        for one in self.verdicts:
            if one.name == name:
                return one
        have = ", ".join(one.name for one in self.verdicts)
        raise ValueError(f"the report has no problem {name!r}; it has: {have}")

    def facts(self) -> list[str]:
        """What holds beside the verdicts, a sentence each."""
        said = []
        if self.looks_at_x is not None:
            looks = "look at" if self.looks_at_x else "do not look at"
            said.append(f"Its updates {looks} the iterate.")
        if self.couples is not None:
            said.append(
                "Another coordinate changes its updates."
                if self.couples
                else "Each coordinate goes its own way."
            )
        if self.rarities:
            low, high = min(self.rarities), max(self.rarities)
            C = self.smallest_failing_C
            said.append(
                f"In Theorem 2's family it fails from a gradient once in {C} on."
                if C
                else f"In Theorem 2's family it fails for no C from {low} to {high}."
            )
        return said

    def __str__(self) -> str:
        width = max(len(one.title) for one in self.verdicts)
        rows = [
            f"  {_MARKS[one.verdict]} {one.title:{width}}  {one.verdict:9}  {one.sentence}"
            for one in self.verdicts
        ]
        counts = ", ".join(f"{n} {v}" for v, n in self.counts.items() if n)
        return "\n".join([f"{self.label}: {counts}", *rows, *self.facts(), NOTE])

    __repr__ = __str__

    def to_dict(self) -> dict[str, Any]:
        """Everything as numbers, text, lists and dictionaries; NaN becomes None."""
        about = {f.name: getattr(self, f.name) for f in dataclasses.fields(self)}
        about["verdicts"] = [dataclasses.asdict(one) for one in self.verdicts]
        about["counts"] = self.counts
        return plain(about)

    def to_json(self) -> str:
        """The report as JSON."""
        return json.dumps(self.to_dict(), indent=1) + "\n"

    def _repr_html_(self) -> str:
        rows = "".join(_row(one) for one in self.verdicts)
        counts = ", ".join(f"{n} {v}" for v, n in self.counts.items() if n)
        facts = " ".join(map(html.escape, [*self.facts(), NOTE]))
        head = "<tr><th>problem</th><th>verdict</th><th>evidence</th></tr>"
        return (
            f"<table class='audit'><caption><b>{html.escape(self.label)}</b>: {counts}</caption>"
            f"<thead>{head}</thead><tbody>{rows}</tbody></table><p>{facts}</p>"
        )

    def to_html(self) -> str:
        """The report as a page of its own, which loads nothing."""
        style = (
            "body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;"
            "padding:0 1rem}table{border-collapse:collapse}caption{text-align:left;padding:.5rem 0}"
            "th,td{text-align:left;vertical-align:top;padding:.3rem .8rem;"
            "border-bottom:1px solid #ccc}"
        )
        versions = ", ".join(f"{k} {v}" for k, v in self.versions.items())
        return (
            "<!doctype html><html lang='en'><head><meta charset='utf-8'>"
            "<meta name='viewport' content='width=device-width'>"
            f"<title>Audit of {html.escape(self.label)}</title><style>{style}</style></head><body>"
            f"<h1>Audit of {html.escape(self.label)}</h1>{self._repr_html_()}"
            f"<p>Learning rate {self.learning_rate:g}, {self.steps:,} steps a run. "
            f"{html.escape(versions)}.</p></body></html>\n"
        )


def _row(one: Verdict) -> str:
    colour = _COLOURS.get(one.verdict, "#000")
    return (
        f"<tr><td>{html.escape(one.title)}</td>"
        f"<td style='color:{colour};white-space:nowrap'>{_MARKS[one.verdict]} {one.verdict}</td>"
        f"<td>{html.escape(one.sentence)}</td></tr>"
    )


def plain(value: Any) -> Any:
    """A value as JSON has it: arrays as lists, numbers of NumPy as Python's, NaN as None.

    Args:
      value: anything of numbers, text, lists, dictionaries and arrays.

    Returns:
      The same, in Python's own types.
    """
    if isinstance(value, dict):
        return {str(key): plain(inner) for key, inner in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(inner) for inner in value]
    if isinstance(value, np.ndarray):
        return plain(value.tolist())
    if isinstance(value, np.generic):
        return plain(value.item())
    if isinstance(value, float) and not np.isfinite(value):
        return None
    return value


def passed(report: Report, names: tuple[str, ...]) -> list[str]:
    """Which of the problems named a report has not converged on.

    Args:
      report: of an audit.
      names: of problems.

    Returns:
      The names of those that failed, crashed or stayed undecided.
    """
    return [name for name in names if report.of(name).verdict != CONVERGED]
