"""Composing an explorer's browser module: the files that its entry imports, as one text.

An anywidget module is a single ES module, so what is written as modules in ``browser/`` is joined
before it leaves Python: each file after those that it imports, without its imports and exports.
They share one scope then, so no two of them may declare the same name.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from importlib import resources

from adam_and_beyond import methods
from adam_and_beyond.explorers import generated

# As the formatter writes them: from the first column, names in braces, a file beside this one.
_IMPORT = re.compile(
    r'^import \{\s*(\w+(?:,\s*\w+)*),?\s*\} from "\./([\w/]+\.js)";\n', re.MULTILINE
)
_EXPORT = re.compile(r"^export (?=(?:const|function|class) (\w+))", re.MULTILINE)
_DECLARED = re.compile(r"^(?:const|function|class) (\w+)", re.MULTILINE)
_OTHER = re.compile(r"^(?:import|export|let|var|async)\b.*|^const \W.*", re.MULTILINE)
_DEFAULT = "export default "
# Were it part of a string, a quote would follow.
_COMMENT = re.compile(r"(?<=[;,{(]) // [^\"'`]*$")


def browser_file(path: str) -> str:
    """The text of a file in ``browser/``."""
    return (resources.files(__package__) / "browser" / path).read_text(encoding="utf-8")


def modules(entry: str, names: Iterable[str] = methods.PAPER) -> dict[str, str]:
    """The files that make up an explorer's browser module: path -> source, the entry last.

    Args:
      entry: the explorer's file in ``browser/``.
      names: the methods that the files of ``generated/`` are about, keys of the catalogue.

    Returns:
      The sources by their paths from ``browser/``, each after those that it imports.

    Raises:
      ValueError: if files import each other in a circle, or one is not there; the message names
        them.
    """
    names = tuple(names)
    found: dict[str, str] = {}

    def visit(path: str, importers: tuple[str, ...]) -> None:
        if path in importers:
            circle = " -> ".join((*importers[importers.index(path) :], path))
            raise ValueError(f"browser modules import each other in a circle: {circle}")
        if path in found:
            return
        make = generated.FILES.get(path)
        try:
            source = make(names) if make else browser_file(path)
        except FileNotFoundError:
            importer = importers[-1] if importers else "an explorer"
            raise ValueError(f"{importer} needs {path}, which is not in browser/") from None
        for imported in _IMPORT.finditer(source):
            visit(imported[2], (*importers, path))
        found[path] = source

    visit(entry, ())
    return found


def compose(entry: str, names: Iterable[str] = methods.PAPER) -> str:
    """One ES module from an explorer's entry and all that it imports.

    Args:
      entry: the explorer's file in ``browser/``; its default export is ``{ render }``.
      names: the methods that it runs or shows, keys of the catalogue.

    Returns:
      JavaScript source that imports nothing, with the default export of the entry: an anywidget
      module.

    Raises:
      ValueError: besides, if files declare the same name, import a name that is not exported, or
        import or export in another way than ours do; the message names the file.
    """
    sources = modules(entry, names)
    exports = {path: _EXPORT.findall(source) for path, source in sources.items()}
    owners: dict[str, str] = {}
    joined = []
    for path, source in sources.items():
        _check_imports(path, source, exports)
        bare = _EXPORT.sub("", _IMPORT.sub("", source))
        _check_statements(path, bare, entry)
        for name in _DECLARED.findall(bare):
            if name in owners:
                raise ValueError(f"{owners[name]} and {path} both declare {name!r}: rename one")
            owners[name] = path
        joined.append(_lean(bare))
    return "".join(joined)


def _check_imports(path: str, source: str, exports: dict[str, list[str]]) -> None:
    for wanted, other in _IMPORT.findall(source):
        for name in re.findall(r"\w+", wanted):
            if name not in exports[other]:
                known = ", ".join(exports[other])
                raise ValueError(f"{path} imports {name!r} from {other}, which exports: {known}")


def _check_statements(path: str, bare: str, entry: str) -> None:
    for line in _OTHER.findall(bare):
        if path != entry or not line.startswith(_DEFAULT):
            raise ValueError(
                f'{path}: got `{line}`; write `import {{ name }} from "./file.js"`, and '
                "`const name`, `function` or `class`, with `export` before it if others use it; "
                "only an explorer's own file has a default export"
            )


def _lean(source: str) -> str:
    """Without indentation, blank lines and comments: every page carries the text.

    Only a template could tell the difference; ours are HTML, in which no line starts with ``//``.
    """
    lines = (_COMMENT.sub("", line.strip()) for line in source.splitlines())
    return "".join(f"{line}\n" for line in lines if line and not line.startswith("//"))


def style_sheet(*paths: str) -> str:
    """The style sheets of ``browser/`` in one, without comments and indentation."""
    text = re.sub(r"/\*.*?\*/", "", "".join(map(browser_file, paths)), flags=re.DOTALL)
    return "".join(f"{line.strip()}\n" for line in text.splitlines() if line.strip())
