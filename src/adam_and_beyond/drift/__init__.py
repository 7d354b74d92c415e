r"""The drift number D: where a method ends on linear losses, without running it.

The gradients do not depend on x, so the averages of a method settle on a periodic orbit, and the
sign of

.. math:: D = -\sum_{i=1}^{P} \frac{\bar m_i}{\sqrt{\bar V_i}}

over one period of that orbit decides: with vanishing step sizes x goes to the upper end if D > 0,
to the lower end if D < 0. With independent gradients the stationary mean of the same quotient
takes its place.
"""

from adam_and_beyond.drift.clamp import ClampShift
from adam_and_beyond.drift.dependent import FirstOrder, first_order, ordered
from adam_and_beyond.drift.diagrams import Certified, certified
from adam_and_beyond.drift.iid import stationary
from adam_and_beyond.drift.imbalance import FailingInterval, failing_interval
from adam_and_beyond.drift.long_run import (
    Approach,
    Arrival,
    ConstantStep,
    Limits,
    approach,
    arrival,
    constant_step,
    limits,
)
from adam_and_beyond.drift.periodic import Orbit, number, orbit
from adam_and_beyond.drift.roots import critical, critical_all, critical_rarity
from adam_and_beyond.drift.trials import Cases, Judgement, judge, random_cases
from adam_and_beyond.drift.worst import Slope, Worst, slope, worst

__all__ = [
    "Approach",
    "Arrival",
    "Cases",
    "Certified",
    "ClampShift",
    "ConstantStep",
    "FailingInterval",
    "FirstOrder",
    "Judgement",
    "Limits",
    "Orbit",
    "Slope",
    "Worst",
    "approach",
    "arrival",
    "certified",
    "constant_step",
    "critical",
    "critical_all",
    "critical_rarity",
    "failing_interval",
    "first_order",
    "judge",
    "limits",
    "number",
    "orbit",
    "ordered",
    "random_cases",
    "slope",
    "stationary",
    "worst",
]
