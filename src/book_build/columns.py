"""Tables on paper: wide ones get columns as wide as their text wants, long ones may break."""

from __future__ import annotations

import re

from docutils import nodes
from sphinx import addnodes

LINE = 92  # small letters in a line of a table
LONG = 7  # rows from which a table may break over pages
GAP = 3  # letters between two columns
COMMAND = re.compile(r"\\[a-zA-Z]+")
UNSEEN = re.compile(r"[{}_^\\$]")


def latex(text: str) -> nodes.raw:
    """Return a piece of LaTeX as a node."""
    return nodes.raw("", text, format="latex")


def pieces(cell: nodes.Element) -> list[int]:
    """Return the lengths of what can't be broken in a cell: words and formulas."""
    lengths = []
    for node in cell.findall(nodes.Text):
        if isinstance(node.parent, nodes.math | nodes.math_block):
            lines = COMMAND.sub("x", node.astext()).split(r"\\")
            lengths.append(max(len(UNSEEN.sub("", line)) for line in lines))
        else:
            lengths += [len(word) for word in node.astext().split()]
    return lengths or [0]


def widths(rows: list[list[list[int]]]) -> list[int] | None:
    """Return widths of columns in letters for a table that is wider than a line, else None."""
    columns = list(zip(*rows, strict=True))
    natural = [max(sum(cell) + len(cell) for cell in column) + GAP for column in columns]
    if sum(natural) <= LINE:
        return None
    least = [max(max(cell) for cell in column) + GAP for column in columns]
    room = max(0, LINE - sum(least))
    wanted = [whole - part for whole, part in zip(natural, least, strict=True)]
    return [
        part + round(room * share / sum(wanted)) for part, share in zip(least, wanted, strict=True)
    ]


def fit_tables(document: nodes.document) -> None:
    """Set the columns of every table that is wider than a line, in small letters."""
    for table in list(document.findall(nodes.table)):
        rows = [list(row.findall(nodes.entry)) for row in table.findall(nodes.row)]
        for cell in table.findall(nodes.entry):
            if not cell.astext().strip() and not list(cell.findall(nodes.image)):
                cell.clear()  # a paragraph without words would be a second line
        if len(rows) > LONG and "longtable" not in table["classes"]:
            table["classes"].append("longtable")
        if len({len(row) for row in rows}) != 1:
            continue
        if found := widths([[pieces(cell) for cell in row] for row in rows]):
            total = sum(found)
            spec = "".join(
                rf">{{\raggedright\arraybackslash}}\X{{{width}}}{{{total}}}" for width in found
            )
            before = [latex("\n\\begingroup\\small\n"), addnodes.tabular_col_spec(spec=spec)]
            table.replace_self([*before, table, latex("\n\\endgroup\n")])
