"""A program run in processes of their own, with devices of their own."""

import os
import socket
import subprocess
import sys


def start(program, *arguments, devices=1):
    """A process with so many devices; the arguments come as ``sys.argv[1:]``."""
    flags = f"--xla_force_host_platform_device_count={devices}"
    return subprocess.Popen(
        [sys.executable, "-c", program, *arguments],
        env={**os.environ, "XLA_FLAGS": flags, "JAX_PLATFORMS": "cpu"},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def finish(process):
    """The lines that it printed."""
    out, err = process.communicate(timeout=540)
    assert process.returncode == 0, err
    return [line for line in out.splitlines() if not line.startswith("[Gloo]")]


def start_two(program, *arguments):
    """Two processes; an address to join at and the number of the process come last."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{free.getsockname()[1]}"
    return [start(program, *arguments, address, str(k)) for k in range(2)]
