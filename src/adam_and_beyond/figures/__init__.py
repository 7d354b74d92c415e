"""The book's figures: one style, one palette, one function per figure (data in, figure out).

Nothing here simulates, shows or reads a global.
"""

from adam_and_beyond.figures.amsgrad import (
    Tightness,
    bounds_above_regret,
    limits_against_step_size,
    regret_over_bound,
)
from adam_and_beyond.figures.audit import drifts_by_rarity, drifts_of_libraries
from adam_and_beyond.figures.certificates import covering
from adam_and_beyond.figures.certified import certified_diagram, failing_intervals
from adam_and_beyond.figures.drift import (
    Measured,
    Walk,
    drift_against,
    exact_and_measured,
    judged,
    rarity_and_law,
    two_sides,
    worst_problems,
)
from adam_and_beyond.figures.explorers import (
    conditions_against_C,
    grid_and_curves,
    phase_map_and_run,
    rarity_against_memory,
)
from adam_and_beyond.figures.field import (
    against_steps,
    kept_share,
    predicted_and_measured,
    where_they_stop,
)
from adam_and_beyond.figures.figure_1 import (
    figure_1,
    published_and_simulated,
    step_size_inference,
)
from adam_and_beyond.figures.gamma import (
    Promise,
    inverse_rates_up_and_down,
    net_and_positive_changes,
    promise_and_regret,
    shares_of_falling,
)
from adam_and_beyond.figures.glimpses import (
    glimpse_of_curve,
    glimpse_of_map,
    glimpse_of_moves,
    glimpse_of_rest,
    glimpse_of_verdicts,
)
from adam_and_beyond.figures.images import (
    Difference,
    Tried,
    curves_and_difference,
    falls_and_rates,
    loss_against_alpha,
    losses,
    paired_differences,
)
from adam_and_beyond.figures.lines import (
    Band,
    Curve,
    bands_against_step,
    iterate_and_regret,
    label_ends,
    learning_rates,
    lines_against_step,
)
from adam_and_beyond.figures.openers import (
    averages_of_squares,
    balls_on_a_line,
    changes_as_bars,
    factors_against_round,
    one_clip,
    paid_against_round,
    shares_as_bars,
)
from adam_and_beyond.figures.openers_boundary import (
    gradients_and_drifts,
    mean_of_steps,
    unseen_sums,
)
from adam_and_beyond.figures.plane import BETA1, BETA2, Axis, NamedCurve, Plane, Shown, plane_map
from adam_and_beyond.figures.speed import Cost, blocks_of_time, cost_against_size
from adam_and_beyond.figures.style import (
    AXIS_LABELS,
    CONVERGES,
    FAILS,
    OPTIMIZER_STYLE,
    THEORY,
    LineStyle,
    new_figure,
    use_book_style,
)
from adam_and_beyond.figures.theorem_1 import (
    QUANTITIES,
    Ends,
    cycles_of_theorem_1,
    down_against_up,
    first_cycle,
    threshold,
)
from adam_and_beyond.figures.theorem_2 import (
    Block,
    averages_in_a_block,
    down_then_up,
    rarity_needed,
    walk_of_a_block,
    walk_to_the_worst_point,
)
from adam_and_beyond.figures.theorem_3 import (
    Ensemble,
    above_its_companion,
    ends_against_drift,
    orders_in_C,
    tangent_below,
)
from adam_and_beyond.figures.theorem_6 import (
    Rescue,
    epsilon_against_C,
    first_cycles_with_epsilon,
    rescue_by_epsilon,
)
from adam_and_beyond.figures.three_losses import ByPeriod, excess_and_price, signed_terms
from adam_and_beyond.figures.variants import factors_in_a_cycle

__all__ = [
    "Difference",
    "Tried",
    "curves_and_difference",
    "falls_and_rates",
    "loss_against_alpha",
    "losses",
    "paired_differences",
    "AXIS_LABELS",
    "BETA1",
    "BETA2",
    "Axis",
    "CONVERGES",
    "FAILS",
    "OPTIMIZER_STYLE",
    "QUANTITIES",
    "THEORY",
    "Band",
    "Block",
    "Cost",
    "Curve",
    "Ends",
    "Ensemble",
    "LineStyle",
    "above_its_companion",
    "averages_in_a_block",
    "Walk",
    "Measured",
    "NamedCurve",
    "Rescue",
    "Plane",
    "Shown",
    "Promise",
    "Tightness",
    "averages_of_squares",
    "balls_on_a_line",
    "glimpse_of_curve",
    "glimpse_of_map",
    "glimpse_of_moves",
    "glimpse_of_rest",
    "glimpse_of_verdicts",
    "one_clip",
    "paid_against_round",
    "shares_as_bars",
    "changes_as_bars",
    "bands_against_step",
    "blocks_of_time",
    "bounds_above_regret",
    "certified_diagram",
    "conditions_against_C",
    "cost_against_size",
    "covering",
    "cycles_of_theorem_1",
    "down_against_up",
    "down_then_up",
    "drift_against",
    "drifts_by_rarity",
    "drifts_of_libraries",
    "ends_against_drift",
    "epsilon_against_C",
    "exact_and_measured",
    "factors_against_round",
    "factors_in_a_cycle",
    "failing_intervals",
    "figure_1",
    "grid_and_curves",
    "iterate_and_regret",
    "first_cycle",
    "first_cycles_with_epsilon",
    "inverse_rates_up_and_down",
    "judged",
    "label_ends",
    "learning_rates",
    "limits_against_step_size",
    "lines_against_step",
    "net_and_positive_changes",
    "new_figure",
    "orders_in_C",
    "plane_map",
    "phase_map_and_run",
    "promise_and_regret",
    "published_and_simulated",
    "rarity_needed",
    "regret_over_bound",
    "rescue_by_epsilon",
    "rarity_against_memory",
    "rarity_and_law",
    "shares_of_falling",
    "step_size_inference",
    "tangent_below",
    "threshold",
    "two_sides",
    "use_book_style",
    "walk_of_a_block",
    "walk_to_the_worst_point",
    "worst_problems",
    "ByPeriod",
    "excess_and_price",
    "signed_terms",
    "against_steps",
    "kept_share",
    "predicted_and_measured",
    "where_they_stop",
    "gradients_and_drifts",
    "mean_of_steps",
    "unseen_sums",
]
