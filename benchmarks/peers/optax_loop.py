"""optax inside compiled loops: through our bridge, and in a plain nested scan.

optax corrects the bias of both averages and its AMSGrad takes the maximum after that, so the
results are compared with the library's methods ``adam_corrected`` and ``amsgrad_optax``.
"""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import optax

from adam_and_beyond import optax_bridge, problems, simulate
from benchmarks.peers import ALPHA, BETA1, BETA2, PERIOD, Job, Run


def _transformation(method: str, learning_rate) -> optax.GradientTransformation:
    make = optax.amsgrad if method == "amsgrad" else optax.adam
    return make(learning_rate, b1=BETA1, b2=BETA2, eps=0.0)


def bridge(job: Job) -> Run:
    """``simulate.run`` on ``from_optax``; the simulator brings the schedule and the projection."""
    method = optax_bridge.from_optax(_transformation(job["method"], 1.0))
    problem = problems.periodic(PERIOD)

    def run() -> np.ndarray:
        return simulate.run(method, problem, job["steps"], ALPHA, record=job["records"]).x

    return run


def scan(job: Job) -> Run:
    """A scan over records of a scan over steps, as optax's documentation trains a model."""
    # optax counts from 0, the paper from 1.
    tx = _transformation(job["method"], lambda count: ALPHA / jnp.sqrt(count + 1.0))
    steps, records = job["steps"], job["records"]
    if steps % records:
        raise ValueError("the plain scan wants a whole number of steps per record")

    @jax.jit
    def compiled(period):
        def step(carry, _):
            x, state, loss, j = carry
            g = period[j]
            loss = loss + g * x
            update, state = tx.update(g, state, x)
            x = jnp.clip(optax.apply_updates(x, update), -1.0, 1.0)
            return (x, state, loss, jnp.where(j + 1 == period.size, 0, j + 1)), None

        def record(carry, _):
            carry, _ = jax.lax.scan(step, carry, length=steps // records)
            return carry, (carry[0], carry[2])

        zero = jnp.zeros(())
        start = (zero, tx.init(zero), zero, jnp.int32(0))
        return jax.lax.scan(record, start, length=records)[1]

    def run() -> np.ndarray:
        with jax.enable_x64(True):
            x, loss = compiled(np.array(PERIOD))
            return np.asarray(x)

    return run
