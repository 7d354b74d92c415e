"""Adam and Beyond: why Adam can fail, where exactly, and what repairs it.

What it computes with:

- :mod:`.methods`: update rules, each written once. The paper's, AMSGrad too, are in
  :mod:`.methods.paper`; :mod:`.methods.read` prints them as LaTeX and as JavaScript.
- :mod:`.problems`: online linear problems, by period, by chance, or given.
- :mod:`.simulate`: a method on a problem. :mod:`.simulate.loop` reads like Algorithm 1.
- :mod:`.drift`: the number whose sign says where a method ends, and its roots.
- :mod:`.field`: where a method rests on curved losses, and what it makes of rare classes.
- :mod:`.regret`: the regret of a run, and the bounds of the theorems beside it.
- :mod:`.diagnostics`: scales and learning rates of a run.
- :mod:`.optax_bridge`: our methods as optax transformations, and optax's as methods.
- :mod:`.audit`: a verdict for any optimizer, optax's, PyTorch's or yours.
- :mod:`.images`: training on MNIST, CIFAR-10 and digits; :mod:`.results`: what long runs left.

What it proves:

- :mod:`.proofs`: what a step, an implication and a certificate are.
- :mod:`.theorems`: what is proved, a room per theorem.

What it shows:

- :mod:`.figures`: data in, figure out, a room per chapter.
- :mod:`.explorers`: what the reader drags; :mod:`.explorers.module` makes their JavaScript.
- :mod:`.labs`: controls that need a kernel.

``pytest_plugin`` hands the audit to your tests. Everything stands on ``checks`` (what callers hand
over), ``files`` (whole or not there), ``progress``, ``compilation`` (what is kept compiled) and
``published`` (what was read off the paper's figures).
"""

from importlib.metadata import version

__all__ = [
    "audit",
    "diagnostics",
    "drift",
    "explorers",
    "field",
    "figures",
    "images",
    "labs",
    "methods",
    "optax_bridge",
    "problems",
    "proofs",
    "regret",
    "results",
    "simulate",
    "theorems",
]

__version__ = version("adam-and-beyond")
