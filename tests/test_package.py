"""The package as it is published: what it declares, and that it stands without the book."""

from __future__ import annotations

import subprocess
import sys
import tomllib

from adam_and_beyond import __main__ as command
from book_build.digest import ROOT

PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
PROJECT = PYPROJECT["project"]
# What an environment with the package alone lacks.
WITHOUT = ("equinox", "sklearn", "jupyter_book", "sphinx", "book_build", "torch", "pytest")
ALONE = f"""
import sys

class Absent:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in {WITHOUT!r}:
            raise ModuleNotFoundError(f"No module named {{name!r}}", name=name)

sys.meta_path.insert(0, Absent())
import numpy as np
import optax
from adam_and_beyond import __main__, audit, drift, explorers, field, figures, methods, problems
from adam_and_beyond import theorems

problem = problems.figure_1_online()
assert audit.drift(optax.adabelief(1.0), problem).D > 0
across, up = np.geomspace(1, 1000, 5), np.geomspace(10, 20_000, 5)
betas = dict(beta1=1 - 1 / across[None, :], beta2=1 - 1 / up[:, None])
figures.glimpse_of_map(across, up, drift.number(methods.get("adam", **betas), problem))
sys.exit(__main__.main(["fetch", "mnist"]))
"""


def test_without_the_book_and_images_the_package_audits_and_draws_a_map(tmp_path):
    script = [sys.executable, "-c", ALONE]
    done = subprocess.run(script, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 1, done.stderr
    assert done.stderr.strip().endswith("pip install 'adam-and-beyond[images]'")
    assert list(tmp_path.iterdir()) == []  # nothing is left where it ran


def test_the_command_is_the_module():
    assert PROJECT["scripts"] == {"adam-and-beyond": "adam_and_beyond.__main__:main"}
    assert callable(command.main)


def test_the_extras_are_those_that_the_readme_names():
    extras = set(PROJECT["optional-dependencies"])
    assert extras == {"book", "images", "test", "torch"}
    text = (ROOT / "README.md").read_text("utf-8")
    assert all(f"`{extra}`" in text for extra in extras)


def test_types_travel_with_the_package_and_the_build_of_the_book_does_not():
    setuptools = PYPROJECT["tool"]["setuptools"]
    assert "py.typed" in setuptools["package-data"]["adam_and_beyond"]
    assert (ROOT / "src" / "adam_and_beyond" / "py.typed").exists()
    assert setuptools["packages"]["find"]["include"] == ["adam_and_beyond*"]
