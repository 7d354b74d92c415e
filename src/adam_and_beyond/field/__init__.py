r"""Where a method rests on curved losses: the zero of its field, and what that does to a softmax.

With vanishing step sizes x follows :math:`dx/ds = E[-m/V^{1/2}]`, the law of the gradients frozen
at x. So it ends where that field is 0, and not where the mean gradient is.
"""

from adam_and_beyond.field import laws
from adam_and_beyond.field.classes import Softmax, calibration, softmax
from adam_and_beyond.field.rest import rest_point

__all__ = ["Softmax", "calibration", "laws", "rest_point", "softmax"]
