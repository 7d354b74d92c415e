// What a method divides by: the root of V_t, along given gradients, none of them zero.

import { RULES } from "./generated/rules.js";

// Of `rounds` rounds, from empty memories. Without a memory of gradients the average is today's
// gradient, so a rule's step is gradient over divisor; the divisor does not depend on beta1.
export function divisorsOf(method, beta2, gradients, rounds) {
  const rule = RULES[method];
  const memory = new Float64Array(rule.state.length);
  const h = { beta1: 0, beta2, epsilon: 0 };
  return Float64Array.from({ length: rounds }, (_, k) => {
    const g = gradients[k % gradients.length];
    return g / rule.step(memory, g, k + 1, h);
  });
}
