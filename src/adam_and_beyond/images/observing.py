"""What looks on while a network is trained: inside the compiled loop, without changing anything."""

from __future__ import annotations

from typing import Any

import jax


class Observer:
    """Looks at every step of a run and reports after each stretch; this one sees nothing.

    An observer is hashable and equal to others that do the same: it is a part of what is compiled.
    Its functions see one run at a time.
    """

    def start(self, model: Any) -> Any:
        """What it carries before the first step, a tree of arrays."""
        return ()

    def step(
        self, carried: Any, g: Any, memory: Any, t: jax.Array, alpha: jax.Array
    ) -> tuple[Any, Any]:
        """What it carries on, and what it notes, at one step.

        The arguments after the first are the gradient, a tree like the model; the state of the
        method before the step, each field such a tree; the number of the step, counted from 1; and
        the run's alpha.
        """
        return carried, ()

    def report(self, carried: Any, noted: Any) -> Any:
        """What is told of a stretch; ``noted`` leads with its steps."""
        return ()


NOBODY = Observer()
