"""`python -m book_build TASK`: the tasks behind the Makefile."""

from __future__ import annotations

import argparse
import sys

from . import reviewer, structure, tasks

TASKS = ("book", "test", "chapter", "pdf", "lab", "serve", "structure", "reviewer")


def main() -> int:
    """Read the command line and run one task."""
    parser = argparse.ArgumentParser(prog="make", description="Tasks of the book.")
    parser.add_argument("task", choices=TASKS)
    parser.add_argument("name", nargs="?", default="", help="the chapter")
    parser.add_argument("--again", action="store_true", help="run even if nothing changed")
    parser.add_argument("--port", type=int, default=8000)
    parser.add_argument("--paper", default="a4", help="the size of the PDF's pages")
    options = parser.parse_args()
    run = {
        "book": lambda: tasks.book(options.again),
        "test": lambda: tasks.test(options.again),
        "chapter": lambda: tasks.chapter(options.name),
        "pdf": lambda: tasks.pdf(options.again, options.paper),
        "lab": tasks.lab,
        "serve": lambda: tasks.serve(options.port),
        "structure": structure.show,
        "reviewer": reviewer.show,
    }[options.task]
    try:
        return run()
    except tasks.Refusal as refusal:
        print(refusal, file=sys.stderr)
    except KeyboardInterrupt:
        print(file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main())
