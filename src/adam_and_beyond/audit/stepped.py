"""The player of optimizers that are Python objects, a step at a time: PyTorch's and its like."""

from __future__ import annotations

import numbers
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from adam_and_beyond import checks
from adam_and_beyond.audit.lanes import Crash, Lanes, Position, following, gradient

# A step of PyTorch takes a tenth of a millisecond or two, however few the numbers.
_NUMBERS = ("alpha", "falling", "bent", "classes", "led")
_BUDGET = 40_000
_RUN_STEPS = 1_000


class SteppedPlayer:
    """An optimizer of PyTorch; made by :func:`from_torch`.

    Args:
      make: from a list of parameters, the optimizer.
      label: as reports call it.
      budget: rounds after which its averages should have settled.
    """

    run_steps = _RUN_STEPS
    together = False  # whether all lanes are coordinates of one vector, as none couples

    def __init__(self, make: Callable[[list], Any], label: str, budget: int = _BUDGET) -> None:
        self.make, self.label, self.budget = make, label, budget

    def as_one(self) -> SteppedPlayer:
        """Return the same with all lanes as coordinates of one vector: a step costs as much."""
        other = SteppedPlayer(self.make, self.label, self.budget)
        other.together = True
        return other

    def begin(self, lanes: Lanes) -> Position:
        """Return the position before round 1."""
        count = len(lanes.rounds)
        together = self.together and lanes.x.shape[1] == 1
        starts = [lanes.x[:, 0]] if together else lanes.x
        return Position(
            np.zeros(count, np.int64),
            lanes.x.copy(),
            [self._guarded(_Stepper, self.make, x) for x in starts],
            np.zeros(lanes.slopes.shape),
            np.zeros(count),
            np.zeros(lanes.x.shape),
        )

    def advance(self, lanes: Lanes, position: Position, steps: np.ndarray) -> Position:
        """Return the position so many rounds later, a number for each lane."""
        later = Position(*(a.copy() if isinstance(a, np.ndarray) else a for a in position))
        every = range(len(lanes.rounds))
        if len(later.state) < len(every) or len(every) == 1:
            if np.ptp(steps):
                raise ValueError("lanes that share an optimizer take the same number of steps")
            self._guarded(_play, lanes, later, later.state[0], np.array(every), int(steps[0]))
            return later
        for lane, count in enumerate(steps):
            self._guarded(_play, lanes, later, later.state[lane], np.array([lane]), int(count))
        return later

    def leaves(self, position: Position) -> dict[str, np.ndarray]:
        """Return the arrays of the state by name, lanes first."""
        each = [dict(stepper.leaves()) for stepper in position.state]
        count = len(position.t)
        if len(each) < count:  # one optimizer for all of them: a number of its own is everybody's
            alone = {name: np.asarray(leaf) for name, leaf in each[0].items()}
            return {
                name: leaf if leaf.shape[:1] == (count,) else np.broadcast_to(leaf, (count,))
                for name, leaf in alone.items()
            }
        shared = [name for name in each[0] if all(name in one for one in each)]
        return {name: np.stack([one[name] for one in each]) for name in shared}

    def _guarded(self, function: Callable[..., Any], *given: Any) -> Any:
        try:
            return function(*given)
        except Exception as error:  # whatever an optimizer raises
            first = next((line for line in str(error).splitlines() if line.strip()), "no message")
            raise Crash(f"{type(error).__name__}: {checks.short(first)}") from error


def _play(lanes: Lanes, position: Position, stepper: Any, of: np.ndarray, steps: int) -> None:
    """Rounds of one lane, or of several that share an optimizer; written into the arrays."""
    column = lanes._replace(**{name: getattr(lanes, name)[of, None] for name in _NUMBERS})
    column = column._replace(lower=lanes.lower[of], upper=lanes.upper[of])
    rounds, slopes, curvatures = lanes.rounds[of], lanes.slopes[of], lanes.curvatures[of]
    straight = not (curvatures.any() or column.bent.any() or column.classes.any())
    each, x = np.arange(len(of)), position.x[of]
    for t in position.t[of] + np.arange(steps)[:, None]:
        j = t % rounds
        slope, curvature = slopes[each, j], curvatures[each, j]
        # On straight lines the gradient is the slope: most rounds of an audit are such.
        g = slope if straight else gradient(np, column, slope, curvature, x)
        u = stepper(g.ravel(), x.ravel()).reshape(x.shape)
        position.moves[of, j] = u
        position.loss[of] += np.sum(slope * x + curvature * x * x / 2, axis=1)
        position.visited[of] += x
        x = following(np, column, t[:, None] + 1.0, x, u)
    position.x[of] = x
    position.t[of] += steps


class _Stepper:
    """One parameter vector and its optimizer: called with a gradient, the update."""

    def __init__(self, make: Callable[[list], Any], x: np.ndarray) -> None:
        import torch

        self.torch = torch
        self.parameter = torch.nn.Parameter(torch.tensor(x, dtype=torch.float64))
        self.optimizer = make([self.parameter])

    def __call__(self, g: np.ndarray, x: np.ndarray) -> np.ndarray:
        tensor = self.torch.from_numpy(g)
        with self.torch.no_grad():
            self.parameter.copy_(self.torch.from_numpy(x))
        self.parameter.grad = tensor
        self.optimizer.step()
        after = self.parameter.detach().numpy()
        if after.shape != x.shape:
            raise ValueError(f"parameters of shape {x.shape} became {after.shape}")
        return after - x

    def leaves(self) -> Iterator[tuple[str, np.ndarray]]:
        """The numbers of its state, and of its groups, where some keep theirs."""
        for key, value in self.optimizer.state.get(self.parameter, {}).items():
            yield from self._numbers(f"state[{key!r}]", value)
        for k, group in enumerate(self.optimizer.param_groups):
            for key, value in group.items():
                if key != "params":
                    yield from self._numbers(f"group {k}[{key!r}]", value)

    def _numbers(self, name: str, value: Any) -> Iterator[tuple[str, np.ndarray]]:
        if isinstance(value, self.torch.Tensor):
            # A copy: the optimizer goes on writing into its own.
            yield name, value.detach().to_dense().numpy().copy()
        elif isinstance(value, numbers.Real) and not isinstance(value, bool):
            yield name, np.asarray(value)
        elif isinstance(value, dict):
            for key, inner in value.items():
                yield from self._numbers(f"{name}[{key!r}]", inner)


def from_torch(
    make: Callable[[list], Any], label: str | None = None, budget: int = _BUDGET
) -> SteppedPlayer:
    r"""An optimizer of PyTorch, for the audit; PyTorch itself comes with the extra ``[torch]``.

    Its one parameter is a vector of float64, its gradient is set before each step, and an update is
    what a step adds to it. A step that wants a closure has none to call.

    Args:
      make: a function of a list of parameters that makes the optimizer, e.g.
        ``lambda params: torch.optim.NAdam(params, lr=1.0)``. It is called for each run.
      label: as reports call it; without, the name of its class.
      budget: rounds after which its averages should have settled.

    Returns:
      What :func:`adam_and_beyond.audit.drift`, ``run`` and ``falsify`` take.

    Raises:
      ValueError: if PyTorch is missing, ``make`` is no function, or it makes no optimizer.

    References:
      Introduced in the chapter "Audit your optimizer".
    """
    try:
        import torch
    except ImportError:
        raise ValueError(
            "PyTorch is not installed: pip install adam-and-beyond[torch], or pip install torch"
        ) from None
    if not callable(make):
        raise ValueError(
            "from_torch takes a function that makes an optimizer, as "
            f"lambda params: torch.optim.NAdam(params, lr=1.0), got {checks.short(make)}"
        )
    try:
        made = make([torch.nn.Parameter(torch.zeros(1, dtype=torch.float64))])
    except Exception as error:
        raise ValueError(
            f"from_torch: no optimizer for a vector ({type(error).__name__}: "
            f"{checks.short(str(error))})"
        ) from error
    if not (hasattr(made, "param_groups") and callable(getattr(made, "step", None))):
        raise ValueError(f"from_torch: the function made no optimizer, but {checks.short(made)}")
    return SteppedPlayer(make, label or type(made).__name__, budget)
