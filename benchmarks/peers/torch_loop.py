"""torch.optim in a Python loop, the fairest that we know.

One float64 parameter, its gradient put in place by hand (no autograd), the learning rate set
directly (no scheduler object), one thread. torch corrects the bias, and its AMSGrad takes the
maximum before that: compared with ``adam_corrected`` and ``amsgrad_torch``.
"""

from __future__ import annotations

import math

import numpy as np
import torch

from benchmarks.peers import ALPHA, BETA1, BETA2, PERIOD, Job, Run


def loop(job: Job) -> Run:
    """One trajectory of the periodic problem."""
    torch.set_num_threads(1)
    torch.set_flush_denormal(True)

    def run() -> np.ndarray:
        x = torch.zeros((), dtype=torch.float64, requires_grad=True)
        gradients = [torch.tensor(g, dtype=torch.float64) for g in PERIOD]
        amsgrad = job["method"] == "amsgrad"
        optimizer = torch.optim.Adam([x], 1.0, (BETA1, BETA2), eps=0.0, amsgrad=amsgrad)
        group = optimizer.param_groups[0]
        every, recorded = job["steps"] // job["records"], []
        with torch.no_grad():
            for t in range(job["steps"]):
                x.grad = gradients[t % len(gradients)]
                group["lr"] = ALPHA / math.sqrt(t + 1)
                optimizer.step()
                x.clamp_(-1.0, 1.0)
                if (t + 1) % every == 0:
                    recorded.append(x.item())
        return np.array(recorded)

    return run
