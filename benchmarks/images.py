"""``python -m benchmarks.images``: training steps on images, ours beside torch, on one core.

Each peer runs in a process of its own, pinned to one core, with everything in memory and denormal
numbers flushed to zero. What is compared is processor time, so that a busy machine distorts the
ratios little. Images and labels are random: what they show makes no difference to the time.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from typing import Any

from benchmarks import machine
from benchmarks.measure import ROOT, say
from benchmarks.report import write
from benchmarks.worker import pin

RESULT = ROOT / "results" / "benchmark-images.json"
BATCH, ALPHA = 128, 1e-3
STEPS = {"logistic": 468, "network": 468, "cifarnet": 4}  # an epoch of MNIST; four steps
REPEATS = 5
PEERS = {
    "logistic": ("ours", "torch", "torch fused"),
    "network": ("ours", "torch", "torch fused"),
    # torch's response normalisation is slow; "banded" has it as a matrix product, as ours is.
    "cifarnet": ("ours", "plain JAX", "torch fused", "torch banded"),
}
# What the ratio ours / peer should be at most.
TARGETS = {
    ("logistic", "torch"): 0.5,
    ("network", "torch fused"): 0.45,
    ("cifarnet", "torch fused"): 0.65,
    ("cifarnet", "plain JAX"): 0.4,
}


def _batches(case: str) -> tuple[Any, Any]:
    import numpy as np

    rng = np.random.default_rng(0)
    shape = (32, 32, 3) if case == "cifarnet" else (28, 28)
    pixels = rng.integers(0, 256, (STEPS[case], BATCH, *shape), np.uint8)
    return pixels, rng.integers(0, 10, (STEPS[case], BATCH)).astype(np.uint8)


def _ours(case: str, plain: bool) -> Callable[[], Any]:
    """A compiled scan over the steps; with the plain convolution a loop of compiled steps."""
    import jax
    import numpy as np
    import optax

    from adam_and_beyond import optax_bridge
    from adam_and_beyond.images import layers, networks

    if plain:
        layout = ("NHWC", "HWIO", "NHWC")
        layers.convolve = lambda x, w: jax.lax.conv_general_dilated(
            x, w, (1, 1), "VALID", dimension_numbers=layout
        )
    pixels, labels = map(jax.numpy.asarray, _batches(case))
    tx = optax_bridge.as_optax("adam", ALPHA)
    model = networks.build(case, jax.random.key(0), pixels.shape[2:])
    scaling, key = layers.Scaling(np.float32(0), np.float32(255)), jax.random.key(1)

    def step(carry, batch):
        model, state = carry
        g = jax.grad(networks.loss)(model, scaling(batch[0]), batch[1], key)
        updates, state = tx.update(g, state)
        return (optax.apply_updates(model, updates), state), None

    start = (model, tx.init(model))
    if not plain:
        epoch = jax.jit(lambda carry: jax.lax.scan(step, carry, (pixels, labels))[0])
        return lambda: jax.block_until_ready(epoch(start))
    one = jax.jit(lambda carry, batch: step(carry, batch)[0])

    def loop():
        carry = start
        for batch in zip(pixels, labels, strict=True):
            carry = one(carry, batch)
        return jax.block_until_ready(carry)

    return loop


def _banded() -> Any:
    """The response normalisation as a product with a banded matrix of ones, in torch."""
    import torch

    class Banded(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            channels = torch.arange(64)
            near = (channels[:, None] - channels).abs() <= 4
            self.register_buffer("band", near.float() * (0.001 / 9))

        def forward(self, x: Any) -> Any:
            last = x.permute(0, 2, 3, 1)
            u = 1 + (last**2) @ self.band
            return (last * torch.rsqrt(u * u.sqrt())).permute(0, 3, 1, 2)

    return Banded()


def _torch(case: str, fused: bool, banded: bool) -> Callable[[], Any]:
    """The same model in torch, as its documentation trains one, tensors in memory."""
    import torch
    from torch import nn

    torch.set_num_threads(1)
    torch.set_flush_denormal(True)
    layers: dict[str, Any] = {
        "logistic": lambda: [nn.Flatten(), nn.Linear(784, 10)],
        "network": lambda: [nn.Flatten(), nn.Linear(784, 100), nn.ReLU(), nn.Linear(100, 10)],
        "cifarnet": lambda: [
            *(nn.Conv2d(3, 64, 6), nn.MaxPool2d(2), nn.ReLU()),
            _banded() if banded else nn.LocalResponseNorm(9, 0.001),
            *(nn.Conv2d(64, 64, 6), nn.MaxPool2d(2), nn.ReLU(), nn.Flatten()),
            *(nn.Linear(1024, 384), nn.ReLU(), nn.Dropout(), nn.Linear(384, 192), nn.ReLU()),
            *(nn.Dropout(), nn.Linear(192, 10)),
        ],
    }
    model = nn.Sequential(*layers[case]())
    pixels, labels = (torch.from_numpy(a) for a in _batches(case))
    images = pixels.float() / 255
    if case == "cifarnet":
        model = model.to(memory_format=torch.channels_last)
        images = images.permute(0, 1, 4, 2, 3)
    optimizer = torch.optim.Adam(model.parameters(), ALPHA, fused=fused)
    objective, labels = nn.CrossEntropyLoss(), labels.long()

    def epoch():
        for x, y in zip(images, labels, strict=True):
            optimizer.zero_grad()
            objective(model(x), y).backward()
            optimizer.step()

    return epoch


def _child(case: str, peer: str) -> None:
    """Prepare, warm up, and print the processor seconds of each repetition."""
    pin(1)
    kind, _, variant = peer.partition(" ")
    if kind == "torch":
        run = _torch(case, variant in ("fused", "banded"), variant == "banded")
    else:
        run = _ours(case, kind == "plain")
    run()
    seconds = []
    for _ in range(REPEATS):
        start = time.process_time()
        run()
        seconds.append((time.process_time() - start) / STEPS[case])
    print(json.dumps(seconds))


def _measure(case: str, peer: str) -> float | None:
    """Median processor seconds a step in a process of its own; None without the package."""
    places = [str(ROOT), str(ROOT / "src"), os.environ.get("PYTHONPATH", "")]
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.images", case, peer],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, places))},
        capture_output=True,
        text=True,
    )
    if "No module named 'torch'" in done.stderr:
        return None
    if done.returncode:
        raise RuntimeError(f"{case}, {peer}: {done.stderr[-2000:]}")
    return statistics.median(json.loads(done.stdout.splitlines()[-1]))


def main() -> int:
    """Measure everything, print the table, store it; or, as a child, one case."""
    if len(sys.argv) == 3:
        _child(*sys.argv[1:])
        return 0
    rows, targets = [], []
    for case, peers in PEERS.items():
        found = {peer: _measure(case, peer) for peer in peers}
        for peer, seconds in found.items():
            if seconds is None:
                say(f"  torch isn't installed here and is left out of {case}")
                continue
            ratio = found["ours"] / seconds
            rows.append({"case": case, "peer": peer, "milliseconds": seconds * 1e3, "ours": ratio})
            print(f"{case:10}{peer:14}{seconds * 1e3:9.3f} ms/step   ours / this {ratio:.2f}")
            if bound := TARGETS.get((case, peer)):
                targets.append({"case": case, "peer": peer, "value": ratio, "at_most": bound})
    about = {"command": "python -m benchmarks.images", "batch": BATCH, "repeats": REPEATS}
    stored = {"about": about, "machine": machine.describe(), "versions": machine.versions()}
    write({**stored, "rows": rows, "targets": targets}, RESULT)
    return 0


if __name__ == "__main__":
    sys.exit(main())
