"""The tests' independent oracle: the paper's algorithms as plain Python loops.

Written from the paper's formulas alone, without a look at the package, so that it can't repeat the
package's mistakes. No arrays, no library of ours: ordinary numbers, which may be floats, exact
fractions or mpmath numbers. Each method's moments are stated twice, as the recursions that the
paper gives for practice (`moments`) and as the explicit sums that define phi_t and psi_t
(`moments_by_sums`); `tests/test_methods.py` checks that the two agree exactly.

Conventions, as in the paper: t starts at 1, all states start at zero, V_t is the *square* of the
denominator, and where V_t = 0 (no gradient has been seen yet, 0/0) no step is taken.
"""

from __future__ import annotations

import math

NAMES = ("sgd", "adagrad", "rmsprop", "adam", "adam_corrected", "amsgrad", "adamnc")
HYPERPARAMETERS = {
    "sgd": (),
    "adagrad": (),
    "rmsprop": ("beta2",),
    "adam": ("beta1", "beta2"),
    "adam_corrected": ("beta1", "beta2"),
    "amsgrad": ("beta1", "beta2"),
    "adamnc": ("beta1",),
}


# --- moments: the pair (m_t, V_t) for t = 1, 2, ... ---
def moments(name, gradients, beta1=None, beta2=None):
    """The pairs (m_t, V_t) by the recursions with m_0 = v_0 = 0."""
    pairs = []
    m = v = v_hat = sum_of_squares = 0
    for t, g in enumerate(gradients, start=1):
        if name == "sgd":
            pairs.append((g, 1))
        elif name == "adagrad":
            sum_of_squares = sum_of_squares + g * g
            pairs.append((g, sum_of_squares / t))
        elif name == "rmsprop":
            v = beta2 * v + (1 - beta2) * (g * g)
            pairs.append((g, v))
        elif name == "adam":
            m = beta1 * m + (1 - beta1) * g
            v = beta2 * v + (1 - beta2) * (g * g)
            pairs.append((m, v))
        elif name == "adam_corrected":
            m = beta1 * m + (1 - beta1) * g
            v = beta2 * v + (1 - beta2) * (g * g)
            pairs.append((m / (1 - beta1**t), v / (1 - beta2**t)))
        elif name == "amsgrad":
            m = beta1 * m + (1 - beta1) * g
            v = beta2 * v + (1 - beta2) * (g * g)
            v_hat = max(v_hat, v)
            pairs.append((m, v_hat))
        elif name == "adamnc":
            m = beta1 * m + (1 - beta1) * g
            beta2_t = 1 - (g * 0 + 1) / t  # exact when g is a fraction
            v = beta2_t * v + (1 - beta2_t) * (g * g)
            pairs.append((m, v))
        else:
            raise KeyError(name)
    return pairs


def moments_by_sums(name, gradients, beta1=None, beta2=None):
    """The pairs (m_t, V_t) from the definitions of phi_t and psi_t as sums over all gradients."""

    def average(decay, values):
        """(1 - decay) times the sum of decay^(t-i) values_i over i = 1..t."""
        t = len(values)
        total = 0
        for i in range(1, t + 1):
            total = total + decay ** (t - i) * values[i - 1]
        return (1 - decay) * total

    pairs = []
    for t in range(1, len(gradients) + 1):
        seen = list(gradients[:t])
        squares = [g * g for g in seen]
        if name == "sgd":
            pair = (seen[-1], 1)
        elif name == "adagrad":
            pair = (seen[-1], sum(squares) / t)
        elif name == "rmsprop":
            pair = (seen[-1], average(beta2, squares))
        elif name == "adam":
            pair = (average(beta1, seen), average(beta2, squares))
        elif name == "adam_corrected":  # the weights are divided by their sum
            pair = (
                average(beta1, seen) / (1 - beta1**t),
                average(beta2, squares) / (1 - beta2**t),
            )
        elif name == "amsgrad":
            pair = (
                average(beta1, seen),
                max(average(beta2, squares[:s]) for s in range(1, t + 1)),
            )
        elif name == "adamnc":  # beta_{2t} = 1 - 1/t makes v_t the plain mean
            pair = (average(beta1, seen), sum(squares) / t)
        else:
            raise KeyError(name)
        pairs.append(pair)
    return pairs


# --- methods beyond the seven, each from its own paper or from what its library documents ---
MORE = {
    "amsgrad_torch": ("beta1", "beta2", "epsilon"),
    "amsgrad_optax": ("beta1", "beta2", "epsilon"),
    "amsgrad_keras": ("beta1", "beta2", "epsilon"),
    "amsgrad_optax_uncorrected": ("beta1", "beta2", "epsilon"),
    "nadam": ("beta1", "beta2"),
    "adadelta": ("rho", "epsilon"),
    "adamx": ("beta1", "beta2", "decay"),
    "adam_epsilon": ("beta1", "beta2", "epsilon"),
    "adam_epsilon_inside": ("beta1", "beta2", "epsilon"),
    "adabelief": ("beta1", "beta2", "epsilon"),
    "adashift": ("beta2",),
    "adopt": ("beta1", "beta2", "epsilon"),
    "adopt_clipped": ("beta1", "beta2", "epsilon"),
    "yogi": ("beta1", "beta2", "epsilon"),
    "padam": ("beta1", "beta2", "p"),
    "nosadam": ("beta1", "q"),
    "adabound": ("beta1", "beta2", "final", "closing"),
}


def scaled_pairs(name, gradients, beta1=None, beta2=None, epsilon=0, rho=None, decay=1):
    """Triples (m_t, V_t, e): the direction of step t is m_t / (sqrt(V_t) + e)."""
    result = []
    m = v = v_hat = 0
    for t, g in enumerate(gradients, start=1):
        if name == "adamx":
            beta1_t = beta1 * decay ** (t - 1)
            m = beta1_t * m + (1 - beta1_t) * g
            v = beta2 * v + (1 - beta2) * (g * g)
            if t == 1:
                v_hat = v
            else:
                before = beta1 * decay ** (t - 2)
                v_hat = max((1 - beta1_t) ** 2 / (1 - before) ** 2 * v_hat, v)
            result.append((m, v_hat, 0))
            continue
        m = beta1 * m + (1 - beta1) * g
        v = beta2 * v + (1 - beta2) * (g * g)
        m_corrected = m / (1 - beta1**t)
        correction = 1 - beta2**t
        if name == "amsgrad_torch":
            v_hat = max(v_hat, v)
            result.append((m_corrected, v_hat / correction, epsilon))
        elif name == "amsgrad_optax":
            v_hat = max(v_hat, v / correction)
            result.append((m_corrected, v_hat, epsilon))
        elif name == "amsgrad_keras":  # (sqrt(v_hat) + e) / sqrt(correction)
            v_hat = max(v_hat, v)
            result.append((m_corrected, v_hat / correction, epsilon / correction**0.5))
        elif name == "amsgrad_optax_uncorrected":
            v_hat = max(v_hat, v)
            result.append((m, v_hat, epsilon))
        elif name == "nadam":
            result.append((beta1 * m + (1 - beta1) * g, v, 0))
        elif name == "adam_epsilon":
            result.append((m, v, epsilon))
        elif name == "adam_epsilon_inside":  # the paper's update (3)
            result.append((m, v + epsilon, 0))
        else:
            raise KeyError(name)
    return result


def adadelta_updates(gradients, rho, epsilon):
    """Zeiler's Algorithm 1, for given gradients: the updates with the sign of descent, -Delta x."""
    of_gradients = of_updates = 0.0
    result = []
    for g in gradients:
        of_gradients = rho * of_gradients + (1 - rho) * g * g
        change = -math.sqrt(of_updates + epsilon) / math.sqrt(of_gradients + epsilon) * g
        of_updates = rho * of_updates + (1 - rho) * change * change
        result.append(-change)
    return result


def averages(decay, values):
    """a_1, a_2, ... with a_t = decay a_{t-1} + (1 - decay) values_t, a_0 = 0."""
    result, average = [], 0
    for value in values:
        average = decay * average + (1 - decay) * value
        result.append(average)
    return result


def quotient(m, root):
    """m / root, and 0 where the root is 0."""
    return float(m) / float(root) if root else 0.0


def adabelief_directions(gradients, beta1, beta2, epsilon):
    """Zhuang et al., Algorithm 2: s averages (g - m)^2, epsilon is added to it every step."""
    result, s = [], 0
    for t, (g, m) in enumerate(zip(gradients, averages(beta1, gradients), strict=True), 1):
        s = beta2 * s + (1 - beta2) * (g - m) * (g - m) + epsilon
        root = math.sqrt(s / (1 - beta2**t)) + epsilon
        result.append(quotient(m / (1 - beta1**t), root))
    return result


def adashift_directions(gradients, beta2):
    """Zhou et al. with n = 1: the weighted mean of g_1^2, ..., g_{t-1}^2."""
    result = []
    for t, g in enumerate(gradients, start=1):
        weights = [beta2 ** (t - 1 - i) for i in range(1, t)]
        squares = [w * gradients[i] ** 2 for i, w in enumerate(weights)]
        result.append(quotient(g, math.sqrt(sum(squares) / sum(weights))) if weights else 0.0)
    return result


def adopt_directions(gradients, beta1, beta2, epsilon, clip=lambda step: math.inf):
    """Taniguchi et al.: v_0 = g_0^2, then g_1, g_2, ... by the v before; no step for g_0."""
    first, *others = gradients
    v, m, result = first * first, 0, [0.0]
    for step, g in enumerate(others, start=1):
        normalised = float(g) / max(math.sqrt(v), epsilon)
        m = beta1 * m + (1 - beta1) * min(max(normalised, -clip(step)), clip(step))
        v = beta2 * v + (1 - beta2) * g * g
        result.append(float(m))
    return result


def adopt_clipped_directions(gradients, **values):
    """With c_t = t^(1/4), t = 1 for the first gradient after g_0."""
    return adopt_directions(gradients, **values, clip=lambda step: step**0.25)


def yogi_directions(gradients, beta1, beta2, epsilon):
    """Zaheer et al.: v goes up or down by (1 - beta2) g^2."""
    result, v = [], 0
    for g, m in zip(gradients, averages(beta1, gradients), strict=True):
        change = (1 - beta2) * g * g
        if v < g * g:
            v = v + change
        elif v > g * g:
            v = v - change
        result.append(quotient(m, math.sqrt(v) + epsilon))
    return result


def padam_directions(gradients, beta1, beta2, p):
    """Chen et al.: m / v_hat^p."""
    result, v_hat = [], 0
    squares = averages(beta2, [g * g for g in gradients])
    for m, v in zip(averages(beta1, gradients), squares, strict=True):
        v_hat = max(v_hat, v)
        result.append(quotient(m, float(v_hat) ** float(p)))
    return result


def nosadam_directions(gradients, beta1, q):
    """Huang et al.: v_t = beta_{2,t} v_{t-1} + (1 - beta_{2,t}) g_t^2, beta_{2,t} = B_{t-1}/B_t."""
    result, v, B = [], 0.0, 0.0
    for t, (g, m) in enumerate(zip(gradients, averages(beta1, gradients), strict=True), 1):
        before, B = B, B + t ** -float(q)
        v = before / B * v + (1 - before / B) * float(g) ** 2
        result.append(quotient(m, math.sqrt(v)))
    return result


def adabound_directions(gradients, beta1, beta2, final, closing):
    """Luo et al.: the rate 1 / sqrt(v), clipped to [lower, upper], times m."""
    result = []
    squares = averages(beta2, [g * g for g in gradients])
    for t, (m, v) in enumerate(zip(averages(beta1, gradients), squares, strict=True), 1):
        lower = final * (1 - 1 / (closing * t + 1))
        upper = final * (1 + 1 / (closing * t))
        rate = 1 / math.sqrt(v) if v else math.inf
        result.append(float(m) * float(min(max(rate, lower), upper)))
    return result


BY_DIRECTION = {
    "adadelta": adadelta_updates,
    "adabelief": adabelief_directions,
    "adashift": adashift_directions,
    "adopt": adopt_directions,
    "adopt_clipped": adopt_clipped_directions,
    "yogi": yogi_directions,
    "padam": padam_directions,
    "nosadam": nosadam_directions,
    "adabound": adabound_directions,
}


def directions(name, gradients, **values):
    """The directions d_1, d_2, ... of any of `MORE`, as floats; 0 where no gradient has come."""
    if name in BY_DIRECTION:
        return BY_DIRECTION[name](gradients, **values)
    scales = [(m, math.sqrt(V) + e) for m, V, e in scaled_pairs(name, gradients, **values)]
    return [m / root if root else 0.0 for m, root in scales]


def iterates_along(steps, alpha, schedule="inverse_sqrt", x1=0.0, lower=-1.0, upper=1.0):
    """The points x_1, ..., x_{T+1} of Algorithm 1 for given directions."""
    points = [x1]
    for t, d in enumerate(steps, start=1):
        step = schedule_value(schedule, alpha, t) * d
        points.append(project(points[-1] - step, lower, upper))
    return points


# --- Algorithm 1 on an interval, where the weighted projection is clipping ---
def schedule_value(schedule, alpha, t):
    """The step size alpha_t."""
    if schedule == "inverse_sqrt":
        return alpha / math.sqrt(t)
    if schedule == "constant":
        return alpha
    raise KeyError(schedule)


def project(x, lower, upper):
    """The point of [lower, upper] nearest to x."""
    if x < lower:
        return lower
    if x > upper:
        return upper
    return x


def iterates(
    name, gradients, alpha, schedule="inverse_sqrt", x1=0.0, lower=-1.0, upper=1.0, **betas
):
    """The points x_1, x_2, ..., x_{T+1} of Algorithm 1 for given gradients g_1, ..., g_T."""
    points = [x1]
    x = x1
    for t, (m, V) in enumerate(moments(name, gradients, **betas), start=1):
        if V != 0:
            x = x - schedule_value(schedule, alpha, t) * m / math.sqrt(V)
        x = project(x, lower, upper)
        points.append(x)
    return points


# --- the problems' gradients ---
def periodic_gradients(cycle, steps):
    """g_1, ..., g_T of the problem whose gradient at round t is cycle[(t - 1) mod P]."""
    return [cycle[(t - 1) % len(cycle)] for t in range(1, steps + 1)]


def figure_1_gradients(steps):
    """1010 if t mod 101 = 1, else -10."""
    return [1010.0 if t % 101 == 1 else -10.0 for t in range(1, steps + 1)]


def theorem_1_gradients(C, steps):
    """C if t mod 3 = 1, else -1."""
    return [float(C) if t % 3 == 1 else -1.0 for t in range(1, steps + 1)]


def theorem_2_gradients(C, steps):
    """C if t mod C = 1, else -1."""
    return [float(C) if t % C == 1 else -1.0 for t in range(1, steps + 1)]


# --- regret, by definition ---
def regrets(gradients, points, lower=-1.0, upper=1.0):
    """R_1, ..., R_T: losses paid at x_1..x_T, less those of the best fixed point of each prefix.

    A linear loss has its minimum at an end of the interval.
    """
    result = []
    paid = []
    slopes = []
    for g, x in zip(gradients, points, strict=False):
        paid.append(g * x)
        slopes.append(g)
        slope = math.fsum(slopes) if len(slopes) < 2000 else None
        if slope is None:
            raise ValueError("use final_regret for long runs: this loop is quadratic")
        result.append(math.fsum(paid) - min(slope * lower, slope * upper))
    return result


def final_regret(gradients, points, lower=-1.0, upper=1.0):
    """R_T alone, with exactly rounded sums."""
    paid = math.fsum(g * x for g, x in zip(gradients, points, strict=False))
    slope = math.fsum(gradients)
    return paid - min(slope * lower, slope * upper)


# --- the sharp criterion for gradients (C, -1, ..., -1) with period P, in closed form ---
def drift_number(C, P, beta1, beta2):
    """Minus the sum over one period of m_i / sqrt(v_i) on the periodic orbit."""
    total = 0
    for i in range(P):
        m_i = (1 - beta1) * (C + 1) * beta1**i / (1 - beta1**P) - 1
        v_i = (1 - beta2) * (C * C - 1) * beta2**i / (1 - beta2**P) + 1
        total = total - m_i / v_i**0.5
    return total
