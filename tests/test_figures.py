"""Figures and their palette keep their promises."""

import inspect
import itertools
import re

import colorspacious
import matplotlib
import numpy as np
import pytest
from matplotlib.text import Text

from adam_and_beyond import figures, methods
from adam_and_beyond.figures import narrow

matplotlib.use("Agg")


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
    seven = [(name, OPTIMISERS[name]) for name in methods.PAPER]
    for (one, first), (two, second) in itertools.combinations(seven, 2):
        distance = np.linalg.norm(lab(first, vision) - lab(second, vision))
        assert distance >= 28, f"{one} and {two} in {vision} vision"


def test_every_method_has_a_dash_and_marker_of_its_own():
    styles = figures.OPTIMIZER_STYLE.values()
    assert set(figures.OPTIMIZER_STYLE) == set(methods.CATALOGUE)
    assert len({style.dash for style in styles}) == len(styles)
    assert len({style.marker for style in styles}) == len(styles)


def test_methods_beyond_the_seven_share_one_colour():
    others = set(OPTIMISERS) - set(methods.PAPER)
    assert {OPTIMISERS[name] for name in others} == {"#8800EE"}


# --- the figures ---
T = np.arange(1, 301) * 101
SEEDS = np.linspace(0.5, 1.5, 12)[:, None]
BY_PERIOD = [
    figures.ByPeriod("(0.9, 0.99)", np.array([3, 10, 100]), np.array([1e-4, 1e-2, 2.0]), T[:3] / 9)
]
CURVES = [
    figures.Curve(name, name, T, scale / np.sqrt(T)) for name, scale in (("adam", 9), ("sgd", 3))
]
POINTS = [curve._replace(t=curve.t[::60], y=curve.y[::60]) for curve in CURVES]
BANDS = [figures.Band(curve.name, curve.label, T, SEEDS * curve.y) for curve in CURVES]
UNIT = np.linspace(0.01, 0.2, 20)
C_VALUES, BETA2 = np.linspace(2.1, 9, 12), np.linspace(0.01, 0.99, 15)
SLOPE = 4 / C_VALUES - 4 * BETA2[:, None] + 0.5
RARE = figures.Axis("$C$", ticks=(3, 5))
MAP = figures.Plane(C_VALUES, BETA2, SLOPE, RARE, figures.BETA2)
PHASES = figures.Plane(
    np.linspace(0, 0.999, 12), BETA2, SLOPE, figures.BETA1, figures.BETA2, SLOPE, 0.3 - SLOPE
)
RUNS = MAP._replace(up=RARE, shown=figures.Shown(np.sign(SLOPE), "final iterate", -1.0, 1.0))
ENDS = figures.Ends(UNIT, np.sign(0.1 - UNIT))

FIGURES = {
    "lines_against_step": lambda: figures.lines_against_step(
        CURVES, "average_regret", log_t=True, log_y=True, levels={"level": 0.1}
    ),
    "drifts_by_rarity": lambda: figures.drifts_by_rarity(
        np.array([2, 3, 4]), np.array([-1.0, np.nan, 1.0]), 4
    ),
    "drifts_of_libraries": lambda: figures.drifts_of_libraries(
        {"optax": {"adam": 1.9, "sgd": -1.0}, "torch": {"Adam": 1.9}}
    ),
    "balls_on_a_line": lambda: figures.balls_on_a_line(
        [curve._replace(y=curve.y - 0.5) for curve in CURVES]
    ),
    "glimpse_of_curve": lambda: figures.glimpse_of_curve(UNIT + 1, UNIT),
    "glimpse_of_map": lambda: figures.glimpse_of_map(
        np.array([1.0, 2.0]), np.array([1.0, 3.0]), np.array([[1.0, 2.0], [-1.0, -2.0]])
    ),
    "glimpse_of_moves": lambda: figures.glimpse_of_moves(np.array([-1.0, 0.6, 0.7])),
    "glimpse_of_rest": lambda: figures.glimpse_of_rest(
        UNIT, {"median": 0.3, "Adam": 0.4, "mean": 0.5}
    ),
    "glimpse_of_verdicts": lambda: figures.glimpse_of_verdicts({"Adam": 1.9, "AMSGrad": -0.1}),
    "one_clip": lambda: figures.one_clip(
        np.array([-1.0, 0.0, 1.0]), np.array([-0.9, 0.1, 0.9]), np.array([-0.9, 0.0, 0.1])
    ),
    "paid_against_round": lambda: figures.paid_against_round(
        [figures.Curve("adam", "Adam", UNIT + 1, UNIT)]
    ),
    "gradients_and_drifts": lambda: figures.gradients_and_drifts(
        np.array([1.0, -0.4, -0.5]), {"Adam": 0.3, "AMSGrad": -0.1}
    ),
    "mean_of_steps": lambda: figures.mean_of_steps(UNIT + 1, UNIT, 0.4),
    "unseen_sums": lambda: figures.unseen_sums(
        np.array([3, 30]), np.array([1e-4, 1e12]), (1e-6, 1e3), (3, 1e-5), UNIT, UNIT
    ),
    "shares_as_bars": lambda: figures.shares_as_bars({"Adam": UNIT / 10, "AdamNC": UNIT / 20}),
    "changes_as_bars": lambda: figures.changes_as_bars({"Adam": UNIT - 0.1, "AMSGrad": UNIT}),
    "factors_against_round": lambda: figures.factors_against_round(CURVES),
    "averages_of_squares": lambda: figures.averages_of_squares(CURVES),
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
    "curves_and_difference": lambda: figures.curves_and_difference(
        BANDS,
        figures.Band("difference", "Adam - AMSGrad", T, SEEDS[:3] - 0.5 + 0.0 * T),
        "train_loss",
        T[-1],
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
    "excess_and_price": lambda: figures.excess_and_price(BY_PERIOD, BY_PERIOD),
    "signed_terms": lambda: figures.signed_terms(np.array([-1.2, 0.7]), np.array([2.0, -1.0])),
    "cost_against_size": lambda: figures.cost_against_size(
        [("steps", [figures.Cost("C", 10.0 ** np.arange(3), 10.0 ** np.arange(-3, 0))])] * 2
    ),
    "blocks_of_time": lambda: figures.blocks_of_time(
        np.linspace(-1, 1, 9), -np.ones((2, 5)), np.linspace([1, 1], [-1, -1], 5).T
    ),
}
LAW = figures.NamedCurve("law", C_VALUES, 1 / C_VALUES)
FIGURES |= {
    "plane_map": lambda: figures.plane_map(MAP, [LAW], [(5.0, 0.5, "here")]),
    "two_sides": lambda: figures.two_sides(
        [("a problem", [figures.Walk("C = 3", T, np.tanh(s * T / 9e3), s) for s in (1.0, -1.0)])]
        * 2
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
    "where_they_stop": lambda: figures.where_they_stop(UNIT, [LAW], {"mean": 0.1}),
    "kept_share": lambda: figures.kept_share(
        [LAW], [LAW], [figures.Measured("runs", UNIT, UNIT, 0.1 * UNIT)]
    ),
    "predicted_and_measured": lambda: figures.predicted_and_measured(
        [figures.Measured("runs", UNIT, UNIT, 0.1 * UNIT)]
    ),
    "against_steps": lambda: figures.against_steps(CURVES, "KL", [("level", 1.0)]),
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


@pytest.fixture(scope="module", params=FIGURES)
def drawn(request):
    """Each figure with its name, drawn once for all that is asked of it."""
    before = dict(matplotlib.rcParams)
    fig, _ = FIGURES[request.param]()
    fig.draw_without_rendering()
    assert dict(matplotlib.rcParams) == before
    return request.param, fig


def test_a_figure_draws_and_labels_both_axes_of_each_panel(drawn):
    name, fig = drawn
    panels = [ax for ax in fig.axes if ax.get_label() != "<colorbar>"]
    assert panels
    for ax in panels:
        assert ax.has_data()
        # A second axis over another one shares the step or parameter that is labelled there.
        twin = any(other is not ax and ax.get_shared_x_axes().joined(ax, other) for other in panels)
        if name.startswith("glimpse"):  # a picture beside a sentence that says what it shows
            assert ax.get_xlabel() or ax.get_xticklabels() or ax.texts or ax.get_yticklabels()
            continue
        assert ax.get_ylabel()
        assert ax.get_xlabel() or twin
    assert fig.get_facecolor() == (1.0, 1.0, 1.0, 1.0)  # opaque on a dark page


COLUMN = 350  # CSS pixels, of a page on a phone


def test_a_figure_stands_upright_on_a_phone_and_is_as_before_afterwards(drawn):
    _, fig = drawn
    assert not [ax for ax in fig.axes if narrow.overlapping(ax.xaxis)]
    size, places = fig.get_size_inches(), [ax.get_subplotspec() for ax in fig.axes]
    with narrow.narrowed(fig):
        fig.draw_without_rendering()
        assert not [ax for ax in fig.axes if narrow.overlapping(ax.xaxis)]
        scale = min(1, COLUMN / (96 * fig.get_tightbbox().padded(0.1).width))
        written = [text for text in fig.findobj(Text) if text.get_visible() and text.get_text()]
        assert min(text.get_fontsize() for text in written) * 96 / 72 * scale >= 10
        boxes = {ax.get_position().bounds for ax in fig.axes if ax.get_subplotspec() is not None}
        for (_, y, _, height), (_, other, _, other_height) in itertools.combinations(boxes, 2):
            assert y >= other + other_height or other >= y + height
    assert np.array_equal(fig.get_size_inches(), size)
    assert [ax.get_subplotspec() for ax in fig.axes] == places


def test_a_figures_svg_carries_its_narrow_form():
    fig, _ = FIGURES["two_sides"]()
    forms = re.findall(r'<svg[^>]* width="([\d.]+)pt"', narrow.as_svg(fig))
    wide, upright = map(float, forms)
    assert wide > 600 and 0.9 < upright / (72 * narrow.WIDTH) < 1.1


def test_a_small_figure_is_the_same_on_a_phone():
    fig, _ = FIGURES["glimpse_of_moves"]()
    assert len(re.findall("<svg", narrow.as_svg(fig))) == 1


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


def hatched(ax):
    """The outlines of what is hatched, in data coordinates."""
    paths = [
        p for c in ax.collections if any(getattr(c, "hatches", ()) or ()) for p in c.get_paths()
    ]
    return np.concatenate([path.vertices for path in paths if len(path.vertices)])


def test_a_plane_is_hatched_where_the_drift_is_positive_and_drawn_at_its_zero():
    x, y = np.linspace(1, 5, 41), np.linspace(2, 6, 41)
    D = x - 3 + 0 * y[:, None]
    flat = [figures.Axis(name, "linear") for name in ("a", "b")]
    for sign in (1, -1):
        fig, ax = figures.plane_map(figures.Plane(x, y, D, *flat, failing=sign * D))
        across = hatched(ax)[:, 0]
        assert (across.min(), across.max()) == pytest.approx((3, 5) if sign > 0 else (1, 3))
    _, ax = figures.plane_map(figures.Plane(x, y, D, *flat))
    (line,) = [c for c in ax.collections if np.array_equal(c.get_linewidth(), [2.0])]
    assert np.allclose(line.get_paths()[0].vertices[:, 0], 3)


def test_decay_rates_stand_by_the_logarithm_of_their_distance_from_1():
    beta2 = 1 - np.logspace(0, -4, 9)
    rare = figures.Axis("$C$", ticks=(2, 3, 100))
    D = np.ones((9, 5)) * np.linspace(-1, 1, 9)[:, None]
    _, ax = figures.plane_map(
        figures.Plane(np.arange(2.0, 7), beta2, D, rare, figures.BETA2), points=[(3, 0.99, "")]
    )
    assert [t.get_text() for t in ax.get_yticklabels()] == ["0", "0.9", "0.99", "0.999", "0.9999"]
    assert np.allclose(ax.get_yticks(), np.arange(5))
    assert ax.get_xscale() == "log" and list(ax.get_xticks()) == [2, 3]
    assert [line.get_xydata().tolist() for line in ax.lines] == [[[3, pytest.approx(2)]]]


def test_what_runs_showed_fills_a_plane_under_the_same_boundary():
    fig, ax = figures.plane_map(RUNS)
    assert fig.axes[1].get_ylabel() == "final iterate"
    assert hatched(ax).size and any(
        np.array_equal(c.get_linewidth(), [2.0]) for c in ax.collections
    )
    _, without = figures.plane_map(RUNS._replace(D=None))
    assert not any(np.array_equal(c.get_linewidth(), [2.0]) for c in without.collections)
