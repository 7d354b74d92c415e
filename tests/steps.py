"""What every step of every proof must pass."""

import pytest


def test_of(steps):
    """The test that each step, by name, is proved by SymPy and shows what it claims and assumes."""

    @pytest.mark.parametrize("name", steps)
    def test(name):
        step = steps[name]
        assert step.failed() == ()
        shown = step._repr_markdown_()
        assert step.statement
        # `align` in an output breaks the PDF.
        assert r"{align}" not in shown
        assert all(claim.why in shown and claim.why in str(step) for claim in step.claims)
        assert shown.startswith("Suppose $") is bool(step.hypotheses)
        # Markup in it would keep JupyterLab from typesetting the formulas.
        assert "<div" not in shown

    return test
