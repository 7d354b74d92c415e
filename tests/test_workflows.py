"""Workflows and the metadata of an archive: valid, few rights, and what a release carries."""

from __future__ import annotations

import importlib.util
import json
import re
import subprocess
import sys
import tomllib

import pytest
import yaml
from conftest import absent

from book_build.digest import ROOT

WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))
CITATION = yaml.safe_load((ROOT / "CITATION.cff").read_text("utf-8"))
ARCHIVE = json.loads((ROOT / ".zenodo.json").read_text("utf-8"))
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]


def read(path):
    # YAML 1.1 reads the key `on` as true.
    return yaml.load(path.read_text("utf-8"), Loader=yaml.BaseLoader)


def jobs():
    return [
        pytest.param(job, id=f"{path.stem}-{name}")
        for path in WORKFLOWS
        for name, job in read(path)["jobs"].items()
    ]


def check(schema, *paths):
    """Hold files against a published schema."""
    if importlib.util.find_spec("check_jsonschema") is None:
        absent("check-jsonschema is not installed: run `make environment`")
    command = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", f"vendor.{schema}"]
    done = subprocess.run([*command, *map(str, paths)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


def test_the_workflows_are_valid():
    check("github-workflows", *WORKFLOWS)


def test_the_citation_is_valid():
    check("citation-file-format", ROOT / "CITATION.cff")


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.stem)
def test_a_workflow_may_read_and_a_job_that_needs_more_says_so(path):
    workflow = read(path)
    assert workflow["permissions"] == {"contents": "read"}
    for name, job in workflow["jobs"].items():
        assert ("permissions" in job) == (name == "publish"), name


@pytest.mark.parametrize("job", jobs())
def test_a_job_that_runs_our_code_keeps_no_credentials_and_ends(job):
    steps = job["steps"]
    if any("checkout" in step.get("uses", "") for step in steps):
        assert int(job["timeout-minutes"]) <= 120
        for step in steps:
            if "checkout" in step.get("uses", ""):
                assert step["with"]["persist-credentials"] == "false"


def test_actions_come_from_github_itself_each_at_one_commit_beside_its_version():
    pinned = re.compile(r"uses: (actions/[\w-]+)@([0-9a-f]{40}) # (v\d+\.\d+\.\d+)\n")
    used = [path.read_text("utf-8") for path in WORKFLOWS]
    found = {pin for text in used for pin in pinned.findall(text)}
    assert sum(text.count("uses:") for text in used) == sum(map(len, map(pinned.findall, used)))
    assert len({action for action, _, _ in found}) == len(found) > 5


def test_a_release_carries_site_paper_notebooks_wheel_and_sdist():
    text = next(path for path in WORKFLOWS if path.stem == "release").read_text("utf-8")
    for part in ("site.zip", "adam-and-beyond.pdf", "notebooks.zip", "-m build --outdir release"):
        assert part in text


def test_no_script_of_a_workflow_pastes_in_what_strangers_may_write():
    for path in WORKFLOWS:
        for job in read(path)["jobs"].values():
            assert not [step for step in job["steps"] if "${{" in step.get("run", "")], path.name


def test_archive_citation_and_package_agree():
    assert CITATION["title"] == ARCHIVE["title"]
    assert CITATION["version"] == PROJECT["version"]
    assert [author["name"] for author in CITATION["authors"]] == [
        creator["name"] for creator in ARCHIVE["creators"]
    ]
    assert set(ARCHIVE["keywords"]) == set(CITATION["keywords"])
    assert CITATION["references"][0]["url"] == ARCHIVE["related_identifiers"][0]["identifier"]
    changes = (ROOT / "CHANGELOG.md").read_text("utf-8")
    assert f"## {PROJECT['version']}" in changes
