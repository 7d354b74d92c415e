"""What a code cell is for, read from its source: a check, a call that shows something, a setup."""

from __future__ import annotations

import ast
from collections.abc import Iterable
from typing import NamedTuple

# What may stand beside assertions, to say what they are about.
HELPERS = (ast.Assign, ast.AnnAssign, ast.AugAssign, ast.For, ast.FunctionDef, ast.If, ast.With)
ASSIGNS = (ast.Assign, ast.AnnAssign)
IMPORTS = (ast.Import, ast.ImportFrom)


class Names(NamedTuple):
    """The names that a cell binds, and those that it takes from cells before it."""

    bound: frozenset[str]
    taken: frozenset[str]


def statements(source: str) -> list[ast.stmt]:
    """Return the statements of a cell; none if it is not plain Python."""
    try:
        return ast.parse(source).body
    except SyntaxError:
        return []


def names(source: str) -> Names:
    """Return which names a cell binds, and which it takes."""
    found = [node for statement in statements(source) for node in ast.walk(statement)]
    variables = [node for node in found if isinstance(node, ast.Name)]
    bound = {node.id for node in variables if isinstance(node.ctx, ast.Store)}
    bound |= {node.name for node in found if isinstance(node, ast.FunctionDef)}
    return Names(frozenset(bound), frozenset({node.id for node in variables} - bound))


def needed(bound: Iterable[str], later: Iterable[Names]) -> bool:
    """Say whether a later cell takes one of the names before another binds it anew."""
    waiting = set(bound)
    for other in later:
        if waiting & other.taken:
            return True
        waiting -= other.bound
    return False


def asserts(source: str) -> bool:
    """Say whether a cell holds assertions, and nothing but helpers beside them."""
    body = statements(source)
    found = (node for statement in body for node in ast.walk(statement))
    only = all(isinstance(statement, (ast.Assert, *HELPERS)) for statement in body)
    return only and any(isinstance(node, ast.Assert) for node in found)


def shows(source: str) -> bool:
    """Say whether a cell only calls for something and shows it."""
    body = statements(source)
    if not body or not isinstance(body[-1], ast.Expr):
        return False
    called = [s.value for s in body[:-1] if isinstance(s, ast.Assign)]
    named = isinstance(body[-1].value, (ast.Name, ast.Call))
    return named and len(called) == len(body) - 1 and all(isinstance(v, ast.Call) for v in called)


def imports(source: str) -> bool:
    """Say whether a cell imports something."""
    return any(isinstance(statement, IMPORTS) for statement in statements(source))


def assigns(source: str) -> bool:
    """Say whether a cell gives values to names and does nothing else."""
    body = statements(source)
    return bool(body) and all(isinstance(statement, ASSIGNS) for statement in body)
