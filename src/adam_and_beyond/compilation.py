"""What JAX compiled is kept on disk, so that the next process need not compile it again.

Importing :mod:`adam_and_beyond.simulate` turns this on. It changes JAX's configuration of the whole
process, as JAX offers no narrower one; a cache folder that is already configured is left alone.
"""

from __future__ import annotations

import hashlib
import os
import platform
import tempfile
from collections.abc import Mapping
from pathlib import Path

import jax
import pooch

VARIABLE = "ADAM_AND_BEYOND_CACHE"
_OFF = ("off", "0", "no", "false")


def folder(environment: Mapping[str, str] | None = None) -> Path | None:
    """Where compiled programs are kept, a folder of the user's cache for this kind of processor.

    Args:
      environment: the environment variables, by default the present ones.
        ``ADAM_AND_BEYOND_CACHE`` names another folder, or says ``off``.

    Returns:
      The folder, which need not exist; ``None`` if the cache is turned off.
    """
    environment = os.environ if environment is None else environment
    chosen = environment.get(VARIABLE, "")
    if chosen.lower() in _OFF:
        return None
    parent = Path(chosen) if chosen else Path(pooch.os_cache("adam-and-beyond")) / "compiled"
    # A home may be shared by machines, and a program must not meet instructions that it lacks.
    return parent / hashlib.sha256(_processor().encode()).hexdigest()[:12]


def _processor() -> str:
    """What tells one kind of processor from another."""
    try:
        lines = Path("/proc/cpuinfo").read_text("utf-8").splitlines()
    except OSError:
        return f"{platform.machine()} {platform.processor()}"
    telling = ("model name", "flags", "Features")
    return "\n".join(sorted({line for line in lines if line.startswith(telling)}))


def keep_compiled() -> bool:
    """Turn JAX's persistent compilation cache on, for programs of any size.

    A folder that can't be written means no cache and nothing else.

    Returns:
      Whether compiled programs are kept: not where the user turned that off, and not where JAX has
      been given a folder by someone else, whose settings hold.
    """
    chosen = folder()
    if chosen is None or jax.config.jax_compilation_cache_dir is not None:
        return False
    try:
        chosen.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=chosen):
            pass
    except OSError:
        return False
    jax.config.update("jax_compilation_cache_dir", str(chosen))
    # Ours are many and small; JAX would keep those alone that took a second to compile.
    jax.config.update("jax_persistent_cache_min_compile_time_secs", 0.0)
    jax.config.update("jax_persistent_cache_min_entry_size_bytes", -1)
    return True
