"""``python -m adam_and_beyond audit``: which optimizer, which report, which exit code."""

from __future__ import annotations

import argparse
import importlib
import inspect
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import optax
import optax.contrib

from adam_and_beyond import checks, files, methods
from adam_and_beyond.audit import scoreboard
from adam_and_beyond.audit.audits import run
from adam_and_beyond.audit.reports import passed
from adam_and_beyond.audit.stepped import from_torch
from adam_and_beyond.audit.suite import SUITE, chosen

MISUSE = 2
_LIBRARIES = {"optax": optax, "optax.contrib": optax.contrib}


def add_parser(commands: argparse._SubParsersAction) -> None:
    """Add the command to a parser.

    Args:
      commands: the subparsers of the program.
    """
    parser = commands.add_parser(
        "audit",
        help="a verdict for any optimizer",
        description="Audit an optimizer: a method of the catalogue, one of optax (adabelief, or "
        "optax:adabelief where the catalogue has it too), of PyTorch (torch:NAdam), or your own "
        "(module:name). The exit code is 0 whatever the verdict, 1 where --require fails, and 2 "
        "for misuse.",
    )
    parser.add_argument("optimizer", nargs="?", help="its name, see --list, or module:name")
    parser.add_argument("--learning-rate", type=float, default=1.0, metavar="RATE")
    parser.add_argument("--problems", metavar="NAMES", help="of the suite, with commas")
    parser.add_argument("--require", metavar="NAMES", help="exit with 1 unless it converges there")
    parser.add_argument("--html", metavar="FILE", help="write the report as a page")
    parser.add_argument("--json", metavar="FILE", help="write the report as JSON")
    parser.add_argument(
        "--scoreboard",
        choices=scoreboard.LIBRARIES,
        metavar="LIBRARY",
        help=f"audit all of {', '.join(scoreboard.LIBRARIES)} and store the rows in results/",
    )
    parser.add_argument("--list", action="store_true", help="show optimizers and problems")


def execute(arguments: argparse.Namespace) -> int:
    """Do what the command line says.

    Args:
      arguments: as :func:`add_parser` reads them.

    Returns:
      The exit code.
    """
    try:
        return _execute(arguments)
    except ValueError as error:
        print(error, file=sys.stderr)
        return MISUSE


def _execute(arguments: argparse.Namespace) -> int:
    if arguments.list:
        print(listing())
        return 0
    if arguments.scoreboard:
        print(f"Stored in {scoreboard.regenerate(arguments.scoreboard)}")
        return 0
    if not arguments.optimizer:
        raise ValueError("audit wants an optimizer; --list shows those that have names")
    required = _names(arguments.require)
    wanted = _names(arguments.problems)
    if wanted is not None and required is not None:
        wanted = [*wanted, *required]
    report = run(
        named(arguments.optimizer, arguments.learning_rate),
        arguments.learning_rate,
        wanted,
        label=arguments.optimizer,
    )
    print(report)
    for path, text in ((arguments.html, report.to_html), (arguments.json, report.to_json)):
        if path:
            with files.whole(Path(path)) as part:
                part.write_text(text(), "utf-8")
            print(f"wrote {path}", file=sys.stderr)
    failing = passed(report, tuple(required)) if required else []
    if failing:
        print(f"required, but not converged: {', '.join(failing)}", file=sys.stderr)
    return 1 if failing else 0


def _names(given: str | None) -> list[str] | None:
    if given is None:
        return None
    names = [name.strip() for name in given.split(",") if name.strip()]
    return [challenge.name for challenge in chosen(names)]


def named(name: str, learning_rate: float) -> Any:
    """The optimizer of a name, as the command line has it.

    Args:
      name: a key of the catalogue; a function of optax or optax.contrib; ``torch:NAdam``; or
        ``module:name``, looked for in the present folder too.
      learning_rate: with which PyTorch's are made.

    Returns:
      What :func:`adam_and_beyond.audit.run` takes.

    Raises:
      ValueError: if there is none of that name.
    """
    module, _, attribute = name.rpartition(":")
    if module == "torch":
        return _of_torch(attribute, learning_rate)
    if module in ("", "optax") or module in _LIBRARIES:
        if not module and attribute in methods.CATALOGUE:
            return methods.get(attribute)
        for library in (optax, optax.contrib):
            if attribute in _makers(library):
                return getattr(library, attribute)
        raise ValueError(
            f"no optimizer is called {checks.short(name)}; --list shows those that are, and "
            "module:name takes your own"
        )
    return _own(module, attribute)


def _of_torch(name: str, learning_rate: float) -> Any:
    try:
        import torch
    except ImportError:
        raise ValueError("PyTorch is not installed: pip install adam-and-beyond[torch]") from None
    kind = getattr(torch.optim, name, None)
    if not inspect.isclass(kind):
        raise ValueError(f"torch.optim has no optimizer {checks.short(name)}")
    return from_torch(lambda params: kind(params, lr=learning_rate), name)


def _own(module: str, name: str) -> Any:
    here = str(Path.cwd())
    if here not in sys.path:
        sys.path.insert(0, here)
    try:
        found = getattr(importlib.import_module(module), name)
    except (ImportError, AttributeError) as error:
        raise ValueError(f"cannot take {name!r} from {module!r}: {error}") from error
    return found


def _makers(library: Any) -> list[str]:
    """The functions of a library that make an optimizer from a learning rate."""
    return [
        name
        for name in dir(library)
        if not name.startswith(("_", "scale_by"))
        and inspect.isfunction(getattr(library, name))
        and "learning_rate" in inspect.signature(getattr(library, name)).parameters
    ]


def listing() -> str:
    """The optimizers that have names, and the problems of the suite.

    Returns:
      Lines of text.
    """
    groups: dict[str, Iterable[str]] = {
        "catalogue": methods.CATALOGUE,
        "optax": _makers(optax),
        "optax.contrib": _makers(optax.contrib),
    }
    lines = [f"{group}: {', '.join(names)}" for group, names in groups.items()]
    lines.append("PyTorch: torch:Adam and so on; your own: module:name")
    lines += ["problems:", *(f"  {c.name:16} {c.title} ({c.source})" for c in SUITE.values())]
    return "\n".join(lines)
