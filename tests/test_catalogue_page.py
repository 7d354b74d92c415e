"""The page of the catalogue says of every method what the catalogue says, and nothing by hand."""

import re
from pathlib import Path

import pytest

from adam_and_beyond import drift, methods, problems
from adam_and_beyond.methods import catalogue as kept
from book_build import catalogue

RAW = (Path(__file__).parents[1] / f"{catalogue.PAGE}.md").read_text("utf-8")
NAMES = list(methods.CATALOGUE)


@pytest.fixture(scope="module")
def page():
    source = [RAW]
    catalogue.insert(None, catalogue.PAGE, source)
    return source[0]


def section_of(page, name):
    return page.split(f"\n(method-{name})=\n")[1].split("\n(method-")[0]


def number(latex):
    """A number as LaTeX, read back."""
    digits, _, power = latex.strip("$").rpartition("10^{")
    if not digits and not latex.startswith("$10^{"):
        return float(power)
    return float((digits.removesuffix(r" \cdot ") or "1") + "e" + power.strip("}"))


def test_the_sections_are_put_in_where_the_page_asks_for_them(page):
    assert RAW.count(catalogue.MARK) == 1
    assert catalogue.MARK not in page
    other = [catalogue.MARK]
    catalogue.insert(None, "chapters/back/api", other)
    assert other == [catalogue.MARK]


def test_every_method_has_one_section_in_the_order_of_the_catalogue(page):
    assert re.findall(r"^\(method-(\w+)\)=$", page, re.MULTILINE) == NAMES
    assert re.findall(r"<method-(\w+)>", page) == NAMES


@pytest.mark.parametrize("name", NAMES)
def test_a_section_holds_all_that_the_catalogue_knows(page, name):
    method, section = methods.get(name), section_of(page, name)
    assert methods.equations(method) in section
    assert catalogue.plain(method.source) in section
    assert catalogue.plain(method.deviations or "none") in section
    for spec in method.hyperparameters:
        (row,) = [line for line in section.splitlines() if f"`{spec.name}` |" in line]
        cells = [cell.strip() for cell in row.strip("|").split(" | ")]
        assert len(cells) == 5
        assert number(cells[1]) == spec.default
        assert cells[2].strip("$").replace(r"\infty", "inf") == str(spec.interval)
        assert catalogue.plain(spec.meaning) in cells[3] and catalogue.plain(spec.unit) in cells[3]
        assert cells[4] == catalogue.plain(spec.source)


@pytest.mark.parametrize("name", NAMES)
def test_a_section_links_to_the_source_of_its_rule(page, name):
    section = section_of(page, name)
    assert f".. py:function:: {name}(xp, g, state, t, h" in section
    assert f":module: {methods.get(name).rule.__module__}" in section


def test_no_number_and_no_method_is_typed_by_hand():
    prose = RAW.replace("Algorithm 1", "").replace("figure-1", "").replace("theorem-2", "")
    prose = prose.replace(r"\psi_t^{1/2}", "")
    assert re.findall(r"\d", prose) == []
    assert [m.label for m in methods.CATALOGUE.values() if f" {m.label} " in prose] == []


def test_verdicts_are_those_of_the_drift_number(page):
    adam = methods.get("adam", **catalogue.BETAS)
    D = drift.number(adam, problems.figure_1_online())
    assert D > 0 and f"fails, $D = {D:.4g}$" in section_of(page, "adam")
    C = drift.critical_rarity("adam", **catalogue.BETAS)
    assert f"fails from $C = {C}$ on" in section_of(page, "adam")
    assert "goes to the best point" in section_of(page, "amsgrad")
    assert f"does not fail for any $C$ up to {catalogue.LARGEST}" in section_of(page, "amsgrad")


def test_a_method_without_a_drift_number_says_why(page):
    assert "no drift number. AdaGrad never forgets" in section_of(page, "adagrad")
    assert "not known. The state of AdaBelief is not affine" in section_of(page, "adabelief")


def test_a_new_method_is_on_the_page_by_itself(monkeypatch):
    @methods.rule("Sign descent", methods.NoState, source="an example * with | signs")
    def sign_descent(xp, g, state, t, h):
        """Steps of one length."""
        return methods.Update(xp.sign(g), 1, state)

    monkeypatch.setattr(methods, "CATALOGUE", {"sign_descent": sign_descent.method})
    text = catalogue.text()
    assert "## Sign descent" in text and "Steps of one length." in text
    assert r"an example \* with \| signs" in text
    assert kept.CATALOGUE is not methods.CATALOGUE


def test_markdown_finds_nothing_to_interpret_in_plain_text():
    assert catalogue.plain("eps_root [a](b) $x$ `c` *d* <e> |") == (
        r"eps\_root \[a\](b) \$x\$ \`c\` \*d\* \<e\> \|"
    )


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("beta1_t falls", r"$\beta_{1t}$ falls"),
        ("beta1 constant", "beta1 constant"),
        ("g_{t-1}^2", "$g_{t-1}^{2}$"),
        ("c_t = t^(1/4)", "$c_{t}$ = $t^{1/4}$"),
        ("(1 - beta1_t)^2", r"(1 - $\beta_{1t}$)²"),
        ("v_hat", r"$\hat{v}$"),
        ("bias_correction_mu and eps_root", r"bias\_correction\_mu and eps\_root"),
        ("a | b", r"a \| b"),
    ],
)
def test_symbols_in_the_texts_are_formulas_and_names_of_code_are_not(written, shown):
    assert catalogue.plain(written) == shown
