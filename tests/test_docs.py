"""Docstrings have the sections that apply, and figures and their palette keep their promises."""

import ast
import importlib
import inspect
import itertools
import pkgutil
import textwrap

import colorspacious
import matplotlib
import numpy as np
import pytest

import adam_and_beyond
from adam_and_beyond import figures

matplotlib.use("Agg")


# --- docstrings ---
def public_objects():
    """Every public function and class that a module of the package defines or hands on."""
    found = {}
    for info in pkgutil.walk_packages(adam_and_beyond.__path__, "adam_and_beyond."):
        if info.name.rpartition(".")[2].startswith("_"):
            continue
        module = importlib.import_module(info.name)
        names = getattr(module, "__all__", None)
        if names is None and "." in info.name.removeprefix("adam_and_beyond."):
            package = importlib.import_module(info.name.rpartition(".")[0])
            if getattr(package, "__all__", None):
                continue  # the package says what of this module is public
        for name in names or [name for name in vars(module) if not name.startswith("_")]:
            thing = getattr(module, name)
            ours = getattr(thing, "__module__", "").startswith("adam_and_beyond")
            # A name that a module merely imports belongs to the other module.
            defined_here = names is not None or getattr(thing, "__module__", "") == info.name
            if ours and defined_here and (inspect.isfunction(thing) or inspect.isclass(thing)):
                found[f"{thing.__module__}.{thing.__qualname__}"] = thing
    return found


PUBLIC = public_objects()
FUNCTIONS = {key: thing for key, thing in PUBLIC.items() if inspect.isfunction(thing)}
CLASSES = {key: thing for key, thing in PUBLIC.items() if inspect.isclass(thing)}
SECTIONS = ("Args:", "Returns:", "Raises:", "References:")


def sections(thing):
    lines = inspect.getdoc(thing).splitlines()
    return [line for line in lines if line in SECTIONS]


def raises_value_error(function):
    tree = ast.parse(textwrap.dedent(inspect.getsource(function)))
    return any(
        isinstance(node, ast.Raise) and "ValueError" in ast.unparse(node) for node in ast.walk(tree)
    )


def needed_sections(function):
    signature = inspect.signature(function)
    needed = []
    if signature.parameters:
        needed.append("Args:")
    if signature.return_annotation not in (None, "None"):
        needed.append("Returns:")
    if raises_value_error(function):
        needed.append("Raises:")
    return [*needed, "References:"]


def test_the_public_names_of_the_design_are_found():
    wanted = ["methods.catalogue.get", "problems.named.theorem_1"]
    wanted += ["simulate.trajectory.run", "simulate.sweeps.sweep", "optax_bridge.as_optax"]
    wanted += ["drift.periodic.number", "drift.roots.critical", "regret.linear.of_sequence"]
    assert {f"adam_and_beyond.{name}" for name in wanted} <= set(FUNCTIONS)


@pytest.mark.parametrize("key", FUNCTIONS)
def test_a_public_function_documents_arguments_results_errors_and_source(key):
    function = FUNCTIONS[key]
    doc = inspect.getdoc(function) or ""
    first = doc.split("\n", 1)[0]
    assert first.endswith((".", ".)")), f"{key}: the docstring begins with one whole sentence"
    found = sections(function)
    missing = [name for name in needed_sections(function) if name not in found]
    assert not missing, f"{key}: its docstring lacks {missing}"
    assert found == sorted(found, key=SECTIONS.index), f"{key}: the order is {SECTIONS}"
    references = " ".join(doc.split("References:")[1].split())
    assert "Introduced in" in references or "Introduced on" in references, key


@pytest.mark.parametrize("key", FUNCTIONS)
def test_every_argument_is_described(key):
    function = FUNCTIONS[key]
    doc = inspect.getdoc(function) or ""
    if not inspect.signature(function).parameters:
        return
    part = doc.split("Args:")[1].split("Returns:")[0]
    described = {
        name.strip().lstrip("*")
        for line in part.splitlines()
        if line.startswith("  ") and not line.startswith("   ") and ":" in line
        for name in line.split(":")[0].split(",")
    }
    assert described == set(inspect.signature(function).parameters), key


@pytest.mark.parametrize("key", CLASSES)
def test_a_public_class_and_its_methods_are_documented(key):
    thing = CLASSES[key]
    # Python writes a docstring of its own where a class has none.
    assert thing.__doc__ and not thing.__doc__.startswith(f"{thing.__name__}("), key
    for name, member in vars(thing).items():
        documented = inspect.isfunction(member) or isinstance(member, property)
        if documented and not name.startswith("_"):
            assert inspect.getdoc(member), f"{key}.{name}"


# --- the palette ---
OPTIMISERS = {name: style.colour for name, style in figures.OPTIMIZER_STYLE.items()}
VISION = {
    "normal": None,
    "protan": "protanomaly",
    "deutan": "deuteranomaly",
    "tritan": "tritanomaly",
}


def channels(colour):
    return np.array([int(colour[k : k + 2], 16) for k in (1, 3, 5)]) / 255


def contrast_on_white(colour):
    """The contrast ratio of the web's accessibility guidelines (WCAG 2)."""
    c = channels(colour)
    linear = np.where(c <= 0.04045, c / 12.92, ((c + 0.055) / 1.055) ** 2.4)
    return 1.05 / (linear @ [0.2126, 0.7152, 0.0722] + 0.05)


def lab(colour, vision):
    """CIELab as seen with full dichromacy (Machado et al. 2009), or by most people."""
    space = {"name": "sRGB1"}
    if VISION[vision]:
        space = {"name": "sRGB1+CVD", "cvd_type": VISION[vision], "severity": 100}
    seen = np.clip(colorspacious.cspace_convert(channels(colour), space, "sRGB1"), 0, 1)
    return colorspacious.cspace_convert(seen, "sRGB1", "CIELab")


@pytest.mark.parametrize("name", OPTIMISERS)
def test_every_line_has_contrast_three_on_white(name):
    assert contrast_on_white(OPTIMISERS[name]) >= 3


@pytest.mark.parametrize("colour", [figures.THEORY.colour, figures.FAILS, figures.CONVERGES])
def test_theory_and_verdicts_have_contrast_three_on_white(colour):
    assert contrast_on_white(colour) >= 3


@pytest.mark.parametrize("vision", VISION)
def test_the_colours_of_two_methods_stay_apart_in_every_kind_of_vision(vision):
    # The seven of the paper; the others share the colour of one of them and differ in the rest.
    seven = [(name, OPTIMISERS[name]) for name in adam_and_beyond.methods.PAPER]
    for (one, first), (two, second) in itertools.combinations(seven, 2):
        distance = np.linalg.norm(lab(first, vision) - lab(second, vision))
        assert distance >= 28, f"{one} and {two} in {vision} vision"


def test_every_method_has_a_dash_and_marker_of_its_own():
    styles = figures.OPTIMIZER_STYLE.values()
    assert set(figures.OPTIMIZER_STYLE) == set(adam_and_beyond.methods.CATALOGUE)
    assert len({style.dash for style in styles}) == len(styles)
    assert len({style.marker for style in styles}) == len(styles)


def test_methods_beyond_the_seven_share_one_colour():
    others = set(OPTIMISERS) - set(adam_and_beyond.methods.PAPER)
    assert {OPTIMISERS[name] for name in others} == {"#8800EE"}


# --- the figures ---
T = np.arange(1, 301) * 101
SEEDS = np.linspace(0.5, 1.5, 12)[:, None]
CURVES = [
    figures.Curve(name, name, T, scale / np.sqrt(T)) for name, scale in (("adam", 9), ("sgd", 3))
]
POINTS = [curve._replace(t=curve.t[::60], y=curve.y[::60]) for curve in CURVES]
BANDS = [figures.Band(curve.name, curve.label, T, SEEDS * curve.y) for curve in CURVES]
UNIT = np.linspace(0.01, 0.2, 20)
C_VALUES, BETA2 = np.linspace(2.1, 9, 12), np.linspace(0.01, 0.99, 15)
SLOPE = 4 / C_VALUES - 4 * BETA2[:, None] + 0.5
MAP = figures.Map(C_VALUES, BETA2, np.sign(SLOPE), SLOPE)
PHASES = figures.PhaseMap(
    np.linspace(0, 0.999, 12), BETA2, SLOPE, SLOPE, 0.3 - SLOPE, x_name="beta1"
)
ENDS = figures.Ends(UNIT, np.sign(0.1 - UNIT))

FIGURES = {
    "lines_against_step": lambda: figures.lines_against_step(
        CURVES, "average_regret", log_t=True, log_y=True, levels={"level": 0.1}
    ),
    "iterate_and_regret": lambda: figures.iterate_and_regret(CURVES, CURVES, {"level": 0.1}),
    "learning_rates": lambda: figures.learning_rates(CURVES, np.array([1, 102])),
    "bands_against_step": lambda: figures.bands_against_step(BANDS, "x", points=POINTS[0]),
    "bounds_above_regret": lambda: figures.bounds_above_regret(
        [figures.Tightness("amsgrad", "run", T, np.sqrt(T), {"Theorem 4": 50 * np.sqrt(T)})] * 2
    ),
    "regret_over_bound": lambda: figures.regret_over_bound(
        T, {"Theorem 5": np.log(T) / 6}, {"Theorem 5": figures.FAILS}
    ),
    "limits_against_step_size": lambda: figures.limits_against_step_size(
        UNIT, {"adam": UNIT, "amsgrad": UNIT**2}, {"adam": "Adam", "amsgrad": "AMSGrad"}
    ),
    "figure_1": lambda: figures.figure_1(CURVES, CURVES, BANDS),
    "published_and_simulated": lambda: figures.published_and_simulated(CURVES, POINTS),
    "step_size_inference": lambda: figures.step_size_inference(
        UNIT, {"adam": UNIT, "amsgrad": UNIT**2}, {"adam": "Adam", "amsgrad": "AMSGrad"}, 0.0015
    ),
    "cycles_of_theorem_1": lambda: figures.cycles_of_theorem_1(
        np.tile([1.0, 0.2, 0.6], 5), 2 + 1 / np.arange(1.0, 30), 2.0
    ),
    "down_against_up": lambda: figures.down_against_up(
        np.arange(20), np.full(20, 0.9), np.full(20, 1.2), np.full(20, 1.1)
    ),
    "first_cycle": lambda: figures.first_cycle(UNIT, 1 + UNIT, {"C = 3": (0.1, 1.1)}),
    "threshold": lambda: figures.threshold(UNIT, 0.1 - UNIT, ENDS, [("exact", 0.1)]),
    "failure_map": lambda: figures.failure_map(MAP, "x"),
    "above_its_companion": lambda: figures.above_its_companion(UNIT, UNIT, UNIT - 1),
    "tangent_below": lambda: figures.tangent_below(UNIT, 0.1, (0.05, 0.15)),
    "orders_in_C": lambda: figures.orders_in_C(
        T, {"gain": 1 / np.sqrt(T), "loss": 1 / T}, {"gain": np.array([0.1])}, T[:1]
    ),
    "ends_against_drift": lambda: figures.ends_against_drift(
        T, np.log(T / 999), figures.Ensemble(T[:2], np.array([[0.9, 1.0]] * 2)), 999.0
    ),
    "inverse_rates_up_and_down": lambda: figures.inverse_rates_up_and_down(CURVES, T[:2]),
    "net_and_positive_changes": lambda: figures.net_and_positive_changes(T, np.sqrt(T), 1.0 * T),
    "promise_and_regret": lambda: figures.promise_and_regret(
        [figures.Promise(n, n, T, 1.0 * T, 99 * np.sqrt(T)) for n in ("adam", "amsgrad")]
    ),
    "shares_of_falling": lambda: figures.shares_of_falling(["a", "b"], UNIT[:2], UNIT[2:4]),
    "walk_to_the_worst_point": lambda: figures.walk_to_the_worst_point(T, np.tanh(T), CURVES),
    "averages_in_a_block": lambda: figures.averages_in_a_block(
        figures.Block(2 - UNIT, None, 3 - UNIT), figures.Block(1 / UNIT, 0.5 / UNIT, 2 / UNIT)
    ),
    "down_then_up": lambda: figures.down_then_up((UNIT, UNIT), (-UNIT, UNIT)),
    "walk_of_a_block": lambda: figures.walk_of_a_block(UNIT - 0.1, UNIT - 0.2),
    "rarity_needed": lambda: figures.rarity_needed(1 / UNIT[::-1], {"(ii)": T[:20]}, T[:20]),
    "phase_map": lambda: figures.phase_map(PHASES),
    "phase_map_and_run": lambda: figures.phase_map_and_run(
        PHASES, (0.9, 0.9), CURVES, CURVES, {"level": 0.1}
    ),
    "rarity_against_memory": lambda: figures.rarity_against_memory(
        T, 2 * np.sqrt(T), np.where(T > 500, 4.0 * T, np.nan), 1.9 * np.sqrt(T), at=(T[9], 90, None)
    ),
    "grid_and_curves": lambda: figures.grid_and_curves(
        [("adam", "Adam", UNIT, np.stack([UNIT, UNIT / 2, 2 * UNIT]))],
        [("adam", "Adam", T, np.stack([1 / T, 0.5 / T, 2 / T]))],
        "train_loss",
        [(UNIT[3], UNIT[3])],
    ),
    "conditions_against_C": lambda: figures.conditions_against_C(
        T, {"(i)": 9 / T, "(ii)": T**2 / 1e6, "(iii)": 300 / T}, {"(iii) from 300": 300}, 500
    ),
    "factors_in_a_cycle": lambda: figures.factors_in_a_cycle(CURVES),
    "first_cycles_with_epsilon": lambda: figures.first_cycles_with_epsilon(
        {"1": np.tile([1.0, 0.2, 0.6], 4), "1/2": np.array([1.0, 0.2, 0.6, 0.9])}
    ),
    "epsilon_against_C": lambda: figures.epsilon_against_C(
        np.array([2.0, 9.0]), np.array([0.57, 0.64]), 0.65
    ),
    "rescue_by_epsilon": lambda: figures.rescue_by_epsilon(
        [figures.Rescue("beside", UNIT, 0.1 - UNIT, 0.1, UNIT, np.sign(0.1 - UNIT))] * 2
    ),
    "covering": lambda: figures.covering(
        np.column_stack([UNIT[:-1], UNIT[1:], UNIT[:-1], UNIT[1:]]), UNIT, UNIT, "room"
    ),
    "certified_diagram": lambda: figures.certified_diagram(
        ("beta1", "beta2"),
        np.array([[[0, 0.5], [0, 1]], [[0.5, 0.9], [0, 1]], [[0.9, 1], [0, 1]]]),
        np.array([1, 0, -1]),
        [(0.4, 0.5, "a point")],
        [(UNIT, UNIT**2, "a curve")],
    ),
    "losses": lambda: figures.losses({"train_loss": BANDS, "test_loss": BANDS}, {}),
    "loss_against_alpha": lambda: figures.loss_against_alpha(
        {"beta2 0.99": [figures.Tried("adam", "Adam", UNIT, 1 / SEEDS + UNIT)]},
        "train_loss",
        (0.5, 2.0),
    ),
    "paired_differences": lambda: figures.paired_differences(
        [figures.Difference("5000", UNIT - 0.1, 0.0, -0.1, 0.1)] * 2, "Adam - AMSGrad"
    ),
    "falls_and_rates": lambda: figures.falls_and_rates(
        CURVES, [figures.Band("adam", "Adam", T, SEEDS[:3] * CURVES[0].y)]
    ),
    "failing_intervals": lambda: figures.failing_intervals(
        np.arange(3.0),
        np.array([np.nan, 0.1, 0]),
        np.array([np.nan, 0.5, 0.9]),
        (UNIT, UNIT, "law"),
    ),
    "cost_against_size": lambda: figures.cost_against_size(
        [("steps", [figures.Cost("C", 10.0 ** np.arange(3), 10.0 ** np.arange(-3, 0))])] * 2
    ),
}
DRIFTS = figures.Verdicts(C_VALUES, BETA2, SLOPE, "$C$", r"$\beta_2$")
LAW = figures.NamedCurve("law", C_VALUES, 1 / C_VALUES)
FIGURES |= {
    "verdict_map": lambda: figures.verdict_map(DRIFTS, [LAW], [(5.0, 0.5, "here")]),
    "two_sides": lambda: figures.two_sides(
        [("a problem", [figures.Run("C = 3", T, np.tanh(s * T / 9e3), s) for s in (1.0, -1.0)])] * 2
    ),
    "drift_against": lambda: figures.drift_against(
        UNIT, 0.1 - UNIT, r"$\beta_2$", [0.1], (UNIT, np.sign(0.1 - UNIT))
    ),
    "exact_and_measured": lambda: figures.exact_and_measured(
        [LAW],
        [figures.Measured("runs", UNIT, UNIT, 0.1 * UNIT)],
        ("$C$", "drift"),
        [("0", 0.0)],
        linear_below=0.01,
    ),
    "judged": lambda: figures.judged(UNIT - 0.1, np.sign(UNIT - 0.1), np.sign(UNIT - 0.1)),
    "worst_problems": lambda: figures.worst_problems([("Adam", UNIT, 1.0), ("SGD", -UNIT, -1.0)]),
    "rarity_and_law": lambda: figures.rarity_and_law(np.array([2.0, 10.0]), [LAW], [LAW]),
}
HELPERS = {"label_ends", "new_figure", "use_book_style"}


@pytest.fixture(autouse=True)
def closed_figures():
    import matplotlib.pyplot as plt

    before = dict(matplotlib.rcParams)
    yield
    plt.close("all")
    assert dict(matplotlib.rcParams) == before  # a figure function leaves no style behind


def test_every_figure_function_is_tried_here():
    functions = {name for name in figures.__all__ if inspect.isfunction(getattr(figures, name))}
    assert functions - HELPERS == set(FIGURES)


@pytest.mark.parametrize("name", FIGURES)
def test_a_figure_draws_and_labels_both_axes_of_each_panel(name):
    fig, _ = FIGURES[name]()
    fig.canvas.draw()
    panels = [ax for ax in fig.axes if ax.get_label() != "<colorbar>"]
    assert panels
    for ax in panels:
        assert ax.has_data()
        # A second axis over another one shares the step or parameter that is labelled there.
        twin = any(other is not ax and ax.get_shared_x_axes().joined(ax, other) for other in panels)
        assert ax.get_ylabel()
        assert ax.get_xlabel() or twin
    assert fig.get_facecolor() == (1.0, 1.0, 1.0, 1.0)  # opaque on a dark page


def test_axis_labels_name_the_step_and_the_iterate():
    # The trap: a plot titled "loss" that shows x, an axis "epochs" that shows steps.
    _, ax = figures.lines_against_step(CURVES, "x")
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("step $t$", "iterate $x_t$")
    _, ax = figures.lines_against_step(CURVES, "average_regret")
    assert ax.get_ylabel() == "average regret $R_t / t$"


def test_a_line_has_its_methods_colour_and_shows_the_data_given():
    _, ax = figures.lines_against_step(CURVES, "average_regret")
    for line, curve in zip(ax.lines, CURVES, strict=False):
        assert line.get_color() == OPTIMISERS[curve.name]
        assert np.array_equal(line.get_xdata(), curve.t)
        assert np.array_equal(line.get_ydata(), curve.y)


def test_labels_at_line_ends_do_not_overlap():
    same = [curve._replace(y=np.ones(len(T)), label=curve.name) for curve in CURVES]
    fig, ax = figures.lines_against_step(same, "average_regret")
    fig.canvas.draw()
    first, second = (text.get_window_extent() for text in ax.texts)
    assert not first.overlaps(second)


def test_the_book_style_sets_the_text_size_and_an_opaque_background():
    with matplotlib.rc_context():
        figures.use_book_style()
        assert matplotlib.rcParams["font.size"] == 10
        assert matplotlib.rcParams["savefig.facecolor"] == "white"
