"""The browser modules of ``generated/``, which are printed from the library and not kept as files.

Each is made for the methods of one explorer, so that a page carries no rule that it does not run.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from types import MappingProxyType

from adam_and_beyond import methods
from adam_and_beyond.explorers import conditions
from adam_and_beyond.figures import OPTIMIZER_STYLE


def rules(names: tuple[str, ...]) -> str:
    """The update rules, the schedules and the projected step, printed by SymPy."""
    text = methods.javascript_module(names)
    for declared in ("const RULES", "const SCHEDULES", "function projectedStep"):
        text = text.replace(f"\n{declared}", f"\nexport {declared}")
    return text


def method_styles(names: tuple[str, ...]) -> str:
    """``METHODS``: method -> its label, and the colour, dash and width of its lines."""
    styles = {}
    for name in names:
        style = OPTIMIZER_STYLE[name]
        line = {"colour": style.colour, "dash": style.dash, "width": style.width}
        styles[name] = {"label": methods.CATALOGUE[name].label, **line}
    return f"export const METHODS = {json.dumps(styles, ensure_ascii=False)};\n"


def theorem_2(names: tuple[str, ...]) -> str:
    """``THEOREM_2``: condition -> its sides and slack, as functions of beta1, beta2 and C."""
    entries = []
    for name, (left, right) in conditions.sides().items():
        functions = {"left": left, "right": right, "slack": right - left}
        body = ", ".join(
            f"{key}: (beta1, beta2, C) => {methods.javascript_expression(value)}"
            for key, value in functions.items()
        )
        entries.append(f"  {json.dumps(name)}: {{ {body} }},\n")
    return "export const THEOREM_2 = {\n" + "".join(entries) + "};\n"


FILES: MappingProxyType[str, Callable[[tuple[str, ...]], str]] = MappingProxyType(
    {
        "generated/rules.js": rules,
        "generated/methods.js": method_styles,
        "generated/theorem_2.js": theorem_2,
    }
)
