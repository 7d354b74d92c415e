"""The report, the command line, the plugin, the falsifier and the museum of the audit."""

import json
import subprocess
import sys

import jax.numpy as jnp
import numpy as np
import optax
import pytest

from adam_and_beyond import __main__ as command_line
from adam_and_beyond import audit, drift, methods, problems
from adam_and_beyond.audit import museum, scoreboard

LOOSE = "optax's transformations mix whole and real numbers"
FAST = methods.get("adam", beta1=0.5, beta2=0.9)
FIGURE_1 = problems.periodic([101.0] + [-1.0] * 100)


# --- reports ---
@pytest.fixture(scope="module")
def report():
    return audit.run(FAST, rarities=range(2, 20))


def test_the_whole_suite_gets_a_verdict_with_evidence_and_a_sentence(report):
    assert [one.name for one in report.verdicts] == list(audit.SUITE)
    assert all(one.verdict in audit.VERDICTS and one.sentence for one in report.verdicts)
    assert report.defeated and sum(report.counts.values()) == len(audit.SUITE)


def test_lines_are_decided_by_the_sign_of_the_drift(report):
    for name in ("theorem-1", "three-losses", "theorem-2-30", "figure-1", "turned"):
        challenge = audit.SUITE[name]
        D = drift.number(FAST, problems.periodic(challenge.gradients))
        found = report.of(name)
        assert found.evidence["D"] == pytest.approx(D, rel=1e-8, abs=1e-10)
        good = np.sign(D) == np.sign(challenge.best)
        assert found.verdict == ("converged" if good else "failed")


def test_the_smallest_failing_rarity_is_the_critical_one(report):
    assert report.smallest_failing_C == drift.critical_rarity("adam", beta1=0.5, beta2=0.9)


def test_a_report_prints_in_three_ways(report):
    text = str(report)
    assert "Figure 1, in order" in text and "Each coordinate goes its own way" in text
    about = json.loads(report.to_json())
    assert about["counts"]["failed"] == report.counts["failed"] and about["versions"]["jax"]
    page = report.to_html()
    assert page.startswith("<!doctype html>") and "http" not in page and "<script" not in page


def test_an_amsgrad_survives_what_defeats_adam():
    names = ["three-losses", "theorem-2", "figure-1", "turned"]
    found = audit.run(methods.get("amsgrad", beta1=0.5, beta2=0.9), problems=names, rarities=())
    assert not found.defeated and found.counts["converged"] == len(found.verdicts)


def test_what_looks_at_x_is_decided_by_runs():
    decaying = optax.adamw(1.0, b1=0.5, b2=0.9, weight_decay=1e-4)
    found = audit.run(decaying, problems=["figure-1"], rarities=range(2, 5))
    one = found.of("figure-1")
    assert found.looks_at_x and one.evidence["D"] is None and not found.rarities
    assert one.verdict == "failed" and "runs from both ends" in one.sentence


def test_a_crash_is_a_verdict_with_its_message():
    def update(updates, state, params=None):
        raise TypeError("not today")

    broken = optax.GradientTransformation(lambda p: optax.EmptyState(), update)
    found = audit.run(broken, problems=["theorem-1", "zhang"])
    assert found.counts["crashed"] == 2 and found.looks_at_x is None
    assert all("TypeError: 'not today'" in one.sentence for one in found.verdicts)


def test_what_is_not_a_number_is_a_verdict():
    broken = optax.GradientTransformation(
        lambda p: optax.EmptyState(), lambda g, s, p=None: (g * jnp.nan, s)
    )
    found = audit.run(broken, problems=["figure-1"], rarities=())
    assert found.of("figure-1").verdict == "crashed"
    assert "not a finite number" in found.of("figure-1").sentence


def test_unknown_problems_and_rarities_are_refused():
    with pytest.raises(ValueError, match="the suite has no problem 'figure-2'"):
        audit.run("sgd", problems=["figure-2"])
    with pytest.raises(ValueError, match="whole numbers from 2 on"):
        audit.run("sgd", problems=["theorem-1"], rarities=[1, 2])


# --- in a test ---
def test_the_assertion_names_the_rarity_and_the_drift():
    C = drift.critical_rarity("adam", beta1=0.5, beta2=0.9)
    with pytest.raises(AssertionError, match=f"defeated by a gradient {C} once in {C} rounds"):
        audit.assert_not_defeated(FAST, rarities=range(2, 20))
    audit.assert_not_defeated(methods.get("amsgrad", beta1=0.5, beta2=0.9), rarities=range(2, 12))
    with pytest.raises(AssertionError, match="depend on the iterate"):
        audit.assert_not_defeated(optax.adamw(1.0), rarities=[3])


def test_the_plugin_gives_a_test_the_audit(tmp_path):
    (tmp_path / "test_mine.py").write_text(
        "from adam_and_beyond import methods\n"
        "def test_mine(audit):\n"
        "    audit.assert_not_defeated('sgd', rarities=range(2, 5))\n"
    )
    options = ["-q", "-p", "no:cacheprovider"]  # the entry point of the package brings the plugin
    command = [sys.executable, "-m", "pytest", *options, "test_mine.py"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


# --- on the command line ---
def test_the_command_writes_reports_and_its_exit_code_ignores_the_verdict(tmp_path, capsys):
    page, data = tmp_path / "report.html", tmp_path / "report.json"
    words = ["audit", "optax:sign_sgd", "--problems", "three-losses"]
    assert command_line.main([*words, "--html", str(page), "--json", str(data)]) == 0
    assert "✗ three losses" in capsys.readouterr().out
    assert page.exists() and json.loads(data.read_text())["counts"]["failed"] == 1


def test_the_command_fails_where_a_required_problem_is_lost(capsys):
    words = ["audit", "optax:sign_sgd", "--problems", "theorem-1", "--require", "three-losses"]
    assert command_line.main(words) == 1
    assert "required, but not converged: three-losses" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ([], "wants an optimizer"),
        (["nonsense"], "no optimizer is called 'nonsense'"),
        (["no_such_module:thing"], "cannot take 'thing'"),
        (["sgd", "--require", "figure-2"], "the suite has no problem 'figure-2'"),
        (["sgd", "--learning-rate", "-1"], "alpha"),
    ],
)
def test_misuse_is_exit_code_2(words, said, capsys):
    assert command_line.main(["audit", *words]) == 2
    assert said in capsys.readouterr().err


def test_an_optimizer_from_a_file_is_audited(tmp_path, monkeypatch, capsys):
    (tmp_path / "mine_for_audit.py").write_text(
        "import optax\n\ndef mine(learning_rate):\n    return optax.sgd(learning_rate)\n"
    )
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", list(sys.path))
    assert command_line.main(["audit", "mine_for_audit:mine", "--problems", "theorem-1"]) == 0
    assert "✓ Theorem 1" in capsys.readouterr().out


def test_the_list_names_optimizers_and_problems(capsys):
    assert command_line.main(["audit", "--list"]) == 0
    shown = capsys.readouterr().out
    assert "adabelief" in shown and "prodigy" in shown and "three-losses" in shown


# --- counterexamples ---
def test_adam_is_falsified_and_ball_arithmetic_agrees():
    found = audit.falsify(FAST, period=6, mean=0.002, searches=1)
    assert found.defeated and found.proved and found.mean >= 0.002
    assert np.abs(found.problem.gradients).max() <= 1
    assert pytest.approx(drift.number(FAST, found.problem), abs=1e-9) == found.D


def test_signs_have_no_derivative_and_are_falsified_by_evolution():
    found = audit.falsify(optax.sign_sgd(1.0), period=4, mean=0.05, searches=1)
    assert found.way == "evolution" and found.D >= 2


def test_a_replay_runs_and_goes_to_the_worst_point():
    found = audit.falsify(FAST, period=3, mean=0.001, searches=1)
    text = found.replay.replace("200_000", "20")
    scope = {"make": lambda rate: optax.adam(rate, b1=0.5, b2=0.9)}
    with np.printoptions():
        exec(compile(text.replace("jax.config.update", "str.format"), "replay", "exec"), scope)
    assert abs(float(scope["x"][0])) <= 1
    assert len(text.splitlines()) <= 12


def test_what_cannot_be_falsified_is_refused():
    with pytest.raises(ValueError, match="no drift number to make large"):
        audit.falsify(optax.adamw(1.0, b2=0.9), period=3, mean=0.1)
    with pytest.raises(ValueError, match="needs a period of at least 2"):
        audit.falsify("adam", period=1, mean=0.1)


# --- the museum ---
@pytest.mark.parametrize("exhibit", museum.exhibits(), ids=lambda one: one.title)
def test_a_fault_is_seen_by_what_it_says(exhibit):
    passes = museum.usual_test(exhibit.written) < 0.05
    assert passes == (exhibit.seen_by != "first steps")  # the one that hardly moves at first
    pair = exhibit.written, exhibit.meant
    first = [museum.first_steps(method) for method in pair]
    small = [museum.first_steps(method, -1e-8) for method in pair]
    left = [museum.decayed(method) for method in pair]
    if exhibit.seen_by == "decay":  # updates that look at the iterate have no D
        assert left[0] > 0.99 and left[1] == pytest.approx(0.999**100, abs=0.01)
        return
    D = [audit.drift(method, FIGURE_1).D for method in pair]
    assert (np.sign(D[0]) != np.sign(D[1])) == (exhibit.seen_by == "D")
    if exhibit.seen_by == "size of D":
        assert -0.01 < D[0] < 0 and D[1] < 7 * D[0] and first[0] == pytest.approx(first[1])
    if exhibit.seen_by == "first steps":
        assert D[0] == pytest.approx(D[1], abs=1e-8) and abs(first[0] - first[1]) > 0.1
    if exhibit.seen_by == "small steps":
        assert abs(first[0] - first[1]) < 1e-6 and small[0] < 0.8 * small[1]


# --- the scoreboard ---
def test_a_stored_row_comes_out_again():
    stored = {(one["library"], one["name"]): one for one in scoreboard.stored()}
    kept = stored["optax", "adabelief"]
    (entry,) = (e for e in scoreboard.entries("optax") if e.name == "adabelief")
    again = scoreboard.row(entry, ("figure-1",))
    assert again["D"]["figure-1"] == pytest.approx(kept["D"]["figure-1"], rel=1e-8)
    assert again["couples"] == kept["couples"] and again["settings"] == kept["settings"]


def test_optimizers_that_are_others_with_a_setting_are_entries_too():
    names = {entry.name for entry in scoreboard.entries("optax")}
    assert {"adam", "nadam", "nadamw", "contrib.adopt"} <= names  # optax has nadam as a partial


def test_another_library_is_refused():
    with pytest.raises(ValueError, match="library must be one of optax, torch"):
        scoreboard.entries("flax")
