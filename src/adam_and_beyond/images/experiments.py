"""The paper's three experiments on images: which settings are run, on which data."""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any

from adam_and_beyond import methods
from adam_and_beyond.images import datasets, networks
from adam_and_beyond.images.identity import program
from adam_and_beyond.images.tasks import Setting, Task

BETA2S = (0.99, 0.999)  # the paper's (section 5)
SEEDS = (0, 1, 2, 3, 4)
# The counts at which the paper's curves were read off.
RECORDS = (200, 500, 1000, 2000, 3000, 4000, 4950, 5000)


@dataclasses.dataclass(frozen=True)
class Experiment:
    """One figure of the paper: the task, the data, and the grid of settings."""

    name: str
    data: str | datasets.Dataset  # a name, or a data set of your own
    task: Task
    steps: int
    alphas: Mapping[str | methods.Method, Sequence[float]]  # method -> values tried
    on_digits: Mapping[str, Any] = dataclasses.field(default_factory=dict)  # what differs there
    seeds: tuple[int, ...] = SEEDS
    together: bool = True  # whether settings that differ in alpha are trained together

    @property
    def result_name(self) -> str:
        """The name under which its runs are stored, e.g. ``"figure-2-logistic-mnist"``."""
        return f"{self.name}-{self.data_name}"

    @property
    def data_name(self) -> str:
        """What its data set is called."""
        return self.data if isinstance(self.data, str) else self.data.name

    def load(self, root: str | os.PathLike | None = None) -> datasets.Dataset:
        """Its data set; a named one is read from the folder of data and checked."""
        return datasets.load(self.data, root) if isinstance(self.data, str) else self.data

    def program(self, setting: Setting) -> str:
        """The digest of what the present code would compute for one of its settings."""
        if isinstance(self.data, str):
            return program(self.task, setting, datasets.SHAPES[self.data])
        return program(self.task, setting, self.data.train_images.shape[1:], self.data.classes)


def _spread(methods_: Sequence[str], alphas: Sequence[float]) -> dict[str, tuple[float, ...]]:
    return dict.fromkeys(methods_, tuple(alphas))


# The AMSGrad of the libraries corrects biases, so Adam with corrections belongs beside it.
_CIFARNET_METHODS = ("adam", "adam_corrected", "amsgrad", "amsgrad_torch", "amsgrad_optax")
_ADAPTIVE = ("adam", "amsgrad", "rmsprop", "adamnc", "adagrad")
_LOGISTIC = (0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0)
_NETWORK = (1e-4, 3e-4, 1e-3, 3e-3, 1e-2, 3e-2, 1e-1)
_CIFARNET = (3e-5, 1e-4, 3e-4, 1e-3, 3e-3, 1e-2, 3e-2)
_EPOCHS = (195, *range(390, 390 * 101, 390))  # half an epoch of CIFAR-10, then whole ones

EXPERIMENTS: Mapping[str, Experiment] = MappingProxyType(
    {
        "figure-2-logistic": Experiment(
            "figure-2-logistic",
            "mnist",
            Task("logistic", "inverse_sqrt", 50, RECORDS),
            5000,
            _spread(_ADAPTIVE, _LOGISTIC)
            | {"sgd": (0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 20.0)},
            on_digits={"steps": 500},
        ),
        "figure-2-network": Experiment(
            "figure-2-network",
            "mnist",
            Task("network", "constant", 50, RECORDS),
            5000,
            _spread(_ADAPTIVE, _NETWORK) | {"sgd": (0.003, 0.01, 0.03, 0.1, 0.3, 1.0, 3.0)},
            on_digits={"steps": 500},
        ),
        "figure-2-cifarnet": Experiment(
            "figure-2-cifarnet",
            "cifar10",
            Task("cifarnet", "constant", 39, _EPOCHS, sample=10_000),
            7800,  # 20 epochs
            _spread(_CIFARNET_METHODS, _CIFARNET),
            on_digits={"steps": 78, "stride": 13, "records": 13},
            together=False,
        ),
        "figure-2-slim": Experiment(
            "figure-2-slim",
            "cifar10",
            Task("slim", "constant", 39, (39, *_EPOCHS), sample=10_000),
            39_000,  # 100 epochs
            _spread(("adam", "amsgrad"), (1e-3,)),
            on_digits={"steps": 13, "stride": 13, "records": 13},
            together=False,
        ),
    }
)


def experiment(name: str, data: str | None = None) -> Experiment:
    """An experiment of the paper, on its own or on other data.

    Args:
      name: ``"figure-2-logistic"``, ``"figure-2-network"``, ``"figure-2-cifarnet"`` or
        ``"figure-2-slim"``, which is CIFARNET as TensorFlow's slim collection has it.
      data: ``"digits"``, ``"mnist"`` or ``"cifar10"``; without, the paper's.

    Returns:
      An ``Experiment``; on digits one tenth of the steps, CIFARNET 78.

    Raises:
      ValueError: for an unknown experiment, or CIFARNET on images that don't fit.

    References:
      Reddi, Kale and Kumar (2018), section 5. Introduced in the chapter "Softmax regression on
      MNIST".
    """
    if name not in EXPERIMENTS:
        raise ValueError(f"unknown experiment {name!r}; there are: {', '.join(EXPERIMENTS)}")
    found = EXPERIMENTS[name]
    if data in (None, found.data):
        return found
    if data not in datasets.SHAPES:
        raise ValueError(f"unknown data set {data!r}; there are: {', '.join(datasets.SHAPES)}")
    try:
        networks.times_larger(found.task.network, datasets.SHAPES[data])
    except ValueError as error:
        raise ValueError(f"{name} can't be run on {data}: {error}") from None
    if data != "digits":
        return dataclasses.replace(found, data=data)
    of_task = {key: value for key, value in found.on_digits.items() if key != "steps"}
    task = dataclasses.replace(found.task, **of_task)
    return dataclasses.replace(found, data=data, task=task, steps=found.on_digits["steps"])


def groups(
    experiment: Experiment,
    only: Mapping[str, Sequence[Any]] = MappingProxyType({}),
    quick: bool = False,
) -> list[list[Setting]]:
    """The settings of an experiment, in the groups in which they are trained, seed by seed.

    Args:
      experiment: what is run.
      only: values to keep, by ``"method"``, ``"alpha"``, ``"beta2"``, ``"seed"`` or
        ``"replicate"``; an alpha that is not in the grid is added to it, and so are replicates.
      quick: only Adam and AMSGrad, three alphas, the smaller beta2 and one seed.

    Returns:
      Lists of settings that differ in alpha only.

    Raises:
      ValueError: if nothing is left.
    """
    found = []
    for seed in only.get("seed", experiment.seeds[:1] if quick else experiment.seeds):
        quickly = [m for m in ("adam", "amsgrad") if m in experiment.alphas]
        for method in only.get("method", quickly if quick else experiment.alphas):
            has_beta2 = "beta2" in methods.get(method).hyper._fields
            alphas = experiment.alphas.get(method, next(iter(experiment.alphas.values())))
            middle = len(alphas) // 2
            alphas = only.get("alpha", alphas[middle - 1 : middle + 2] if quick else alphas)
            beta2s = only.get("beta2", BETA2S[:1] if quick else BETA2S)
            searched = has_beta2 and isinstance(method, str)  # a ``Method`` has its own
            for beta2 in beta2s if searched else (None,):
                each = dict.fromkeys(map(float, alphas))
                for replicate in map(int, only.get("replicate", (0,))):
                    some = [Setting(method, alpha, beta2, int(seed), replicate) for alpha in each]
                    found += [some] if experiment.together else [[s] for s in some]
    if not found:
        raise ValueError("no setting is left to run")
    return found
