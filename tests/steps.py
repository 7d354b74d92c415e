"""What every step of every proof must show."""

import pytest


def test_of(steps):
    """The test that each step, by name, shows what it claims and assumes.

    That it is proved, ``test_hypotheses.py`` asks of all steps.
    """

    @pytest.mark.parametrize("name", steps)
    def test(name):
        step = steps[name]
        shown = step._repr_markdown_()
        assert step.statement
        # `align` in an output breaks the PDF.
        assert r"{align}" not in shown
        assert all(claim.why in shown and claim.why in str(step) for claim in step.claims)
        assert shown.startswith("Suppose $") is bool(step.hypotheses)
        # Markup in it would keep JupyterLab from typesetting the formulas.
        assert "<div" not in shown

    return test
