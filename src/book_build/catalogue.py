"""The page of the catalogue: a section per method, written from the catalogue when it is read.

A method that enters the catalogue is on the page by itself; nothing is typed by hand.
"""

from __future__ import annotations

import inspect
import re
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from adam_and_beyond.methods import Hyperparameter, Method

PAGE = "chapters/back/catalogue"
MARK = "% The sections of the methods come here when the page is read: book_build.catalogue."
BETAS = {"beta1": 0.9, "beta2": 0.99}  # of the paper's figure, for every method that has them
JUDGED = ("Figure 1's problem", "Theorem 2's family")
LARGEST = 512  # of the rarities that are looked at


# A symbol of the catalogue's texts with an index or a power: beta1_t, v_hat, g_{t-1}^2, t^(1/4).
FORMULA = re.compile(
    r"(?<![\w.\\])(?P<base>alpha|beta|lambda|phi|[A-Za-z])(?P<digit>\d?)(?P<hat>_hat)?"
    r"(?:_(?P<index>\{[^}]+\}|\w))?(?:\^(?P<power>\{[^}]+\}|\([^)]+\)|\w+))?(?!\w)"
)


def formula(found: re.Match) -> str:
    """Return a symbol as a formula if it has a hat, an index or a power; else as it was."""
    if not (found["hat"] or found["index"] or found["power"]):
        return found[0]
    base = found["base"] if len(found["base"]) == 1 else f"\\{found['base']}"
    base = rf"\hat{{{base}}}" if found["hat"] else base
    index = found["digit"] + (found["index"] or "").strip("{}")
    power = (found["power"] or "").strip("{}()")
    low, high = index and f"_{{{index}}}", power and f"^{{{power}}}"
    return f"${base}{low}{high}$"


def plain(text: str) -> str:
    """Return text in which Markdown finds nothing to interpret but symbols, as formulas."""
    text = re.sub(r"(?<=\))\^2", "²", text)
    pieces, end = [], 0
    for found in FORMULA.finditer(text):
        pieces += [_escaped(text[end : found.start()]), _escaped_unless(formula(found))]
        end = found.end()
    return "".join([*pieces, _escaped(text[end:])])


def _escaped(text: str) -> str:
    return re.sub(r"([\\`*_{}\[\]<>$|])", r"\\\1", text)


def _escaped_unless(symbol: str) -> str:
    return symbol if symbol.startswith("$") else _escaped(symbol)


def compared(method: Method) -> Method:
    """Return a method as it is judged here: with the decays of the paper's figure."""
    known = [spec.name for spec in method.hyperparameters]
    return method.replace(**{name: beta for name, beta in BETAS.items() if name in known})


class Verdict(NamedTuple):
    """What a method does on a problem: in a word or two, and in a sentence."""

    short: str
    full: str


def verdicts(method: Method) -> tuple[Verdict, Verdict]:
    """Judge a method on Figure 1's problem and on Theorem 2's family, by the sign of its drift."""
    from adam_and_beyond import drift, problems

    judged, problem = compared(method), problems.figure_1_online()
    try:
        D = drift.number(judged, problem)
    except ValueError as reason:
        none = Verdict("no drift number", f"no drift number. {_sentence(reason)}")
        return none, none
    if D == 0:
        return Verdict("not decided", "not decided, $D = 0$"), rarity(judged)
    where = "fails" if D * problem.mean_gradient > 0 else "best point"
    verb = "fails" if where == "fails" else "goes to the best point"
    return Verdict(where, f"{verb}, $D = {_number(D)}$"), rarity(judged)


def rarity(judged: Method) -> Verdict:
    """Find from which C on a method fails on Theorem 2's family, or why that is not known."""
    from adam_and_beyond import drift

    try:
        C = drift.critical_rarity(judged, largest=LARGEST)
    except ValueError as reason:
        if repr(judged) in str(reason):  # the search was made, and ended without a find
            return Verdict("does not fail", f"does not fail for any $C$ up to {LARGEST}")
        return Verdict("not known", f"not known. {_sentence(reason)}")
    return Verdict(f"$C = {C}$", f"fails from $C = {C}$ on")


def _sentence(reason: ValueError) -> str:
    words = plain(str(reason)).rstrip(".")
    return words[0].upper() + words[1:]


def _number(value: float) -> str:
    digits, _, power = f"{value:.4g}".partition("e")
    times = "" if digits == "1" else rf"{digits} \cdot "
    return rf"{times}10^{{{int(power)}}}" if power else digits


def _interval(spec: Hyperparameter) -> str:
    return str(spec.interval).replace("inf", r"\infty")


def table(method: Method) -> list[str]:
    """Return the lines of the table of a method's hyperparameters; none if it has none."""
    if not method.hyperparameters:
        return ["No hyperparameters but the step size."]
    rows = ["| hyperparameter | default | range | what it is | default from |"]
    rows.append("| :--- | :--- | :--- | :--- | :--- |")
    for spec in method.hyperparameters:
        name = f"${spec.symbol}$ `{spec.name}`"
        what = f"{plain(spec.meaning)}; {plain(spec.unit)}"
        default = f"${_number(spec.default)}$"
        rows.append(f"| {name} | {default} | ${_interval(spec)}$ | {what} | {plain(spec.source)} |")
    return rows


def section(method: Method, found: tuple[Verdict, Verdict]) -> list[str]:
    """Return the lines of a method's section."""
    from adam_and_beyond import methods

    rule = method.rule
    summary = (inspect.getdoc(rule) or "").split("\n", 1)[0]
    arguments = ", ".join(inspect.signature(rule).parameters)
    deviations = plain(method.deviations) if method.deviations else "none"
    judged = [f"- **{name}:** {said.full}." for name, said in zip(JUDGED, found, strict=True)]
    if found[0] == found[1]:
        judged = [f"- **Both problems:** {found[0].full}."]
    return [
        f"(method-{method.name})=",
        f"## {plain(method.label)}",
        "",
        f"`methods.get({method.name!r})`",
        "",
        "$$",
        methods.equations(method),
        "$$",
        "",
        *table(method),
        "",
        f"- **Source:** {plain(method.source)}.",
        f"- **Departs from it:** {deviations}.",
        *judged,
        "",
        # A signature alone: Sphinx puts the link to the source beside it.
        "```{eval-rst}",
        f".. py:function:: {rule.__name__}({arguments})",
        f"   :module: {rule.__module__}",
        "   :no-contents-entry:",
        "",
        f"   {summary}",
        "```",
        "",
    ]


def text() -> str:
    """Return what the page says of every method, as MyST Markdown."""
    from adam_and_beyond.methods import CATALOGUE

    betas = ", ".join(rf"\{name[:-1]}_{name[-1]} = {beta:g}" for name, beta in BETAS.items())
    lines = [
        f"The verdicts are for ${betas}$ where a method has them, and defaults otherwise. The "
        f"rarities looked at go up to $C = {LARGEST}$.",
        "",
        f"| method | hyperparameters | {JUDGED[0]} | {JUDGED[1]} |",
        "| :--- | :--- | :--- | :--- |",
    ]
    found = {name: verdicts(method) for name, method in CATALOGUE.items()}
    for name, method in CATALOGUE.items():
        symbols = ", ".join(f"${spec.symbol}$" for spec in method.hyperparameters)
        link = f"{{ref}}`{method.label} <method-{name}>`"
        lines.append(f"| {link} | {symbols} | {found[name][0].short} | {found[name][1].short} |")
    lines.append("")
    for name, method in CATALOGUE.items():
        lines += section(method, found[name])
    return "\n".join(lines)


def insert(app: Any, docname: str, source: list[str]) -> None:
    """Put the methods into the page as Sphinx reads it."""
    if docname == PAGE:
        source[0] = source[0].replace(MARK, text())


def connect(app: Any) -> None:
    """Connect this part to Sphinx."""
    app.connect("source-read", insert)
