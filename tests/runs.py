"""Long runs that several tests look at, made once in a session."""

import functools

from adam_and_beyond import methods, problems, simulate

STEPS = 5_000_000
BETAS = {"beta1": 0.9, "beta2": 0.99}


@functools.cache
def figure_1(name, alpha=0.5, schedule="inverse_sqrt", steps=STEPS, x1=0.0, **values):
    """A method on the online problem of Figure 1; the paper's betas unless others are given."""
    fields = methods.get(name).hyper._fields
    values = {key: values.get(key, BETAS[key]) for key in fields}
    problem = problems.figure_1_online()
    return simulate.run(
        methods.get(name, **values), problem, steps, alpha, schedule, x1=x1, record=1000
    )
