r"""Theorem 2 (Reddi, Kale and Kumar 2018): Adam fails for every beta1 < sqrt(beta2)."""

from __future__ import annotations

from adam_and_beyond.derivations.theorem_2_conditions import (
    Slack as Slack,
)
from adam_and_beyond.derivations.theorem_2_conditions import (
    SmallestC as SmallestC,
)
from adam_and_beyond.derivations.theorem_2_conditions import (
    conditions as conditions,
)
from adam_and_beyond.derivations.theorem_2_conditions import (
    smallest_C as smallest_C,
)
