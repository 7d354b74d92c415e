// One period of the orbit on which a method's averages settle, and the drift number D = -sum m_i /
// sqrt(V_i) over it. Its sign says where the iterate goes: up if positive, down if negative.

import { RULES } from "./generated/rules.js";

const SILENCE = [0]; // one round without a gradient

// One period of a rule from the given memory; returns the memory after it and the directions.
function cycle(rule, h, gradients, memory) {
  const after = Float64Array.from(memory);
  // At t = infinity bias corrections have died out.
  const directions = Float64Array.from(gradients, (g) => rule.step(after, g, Infinity, h));
  return { after, directions };
}

// The directions m_i / sqrt(V_i) of a settled period, or null if the memory of a method never fades
// (AdaGrad, AdamNC), so that no orbit exists.
// Every average obeys s -> a s + b over one period: b is what a period makes of nothing, and a the
// power of what one silent round leaves of 1. Where one average is divided by another, as ADOPT's,
// it finds its own orbit once that has: in a further pass.
export function settledDirections(method, h, gradients, passes = 1) {
  const rule = RULES[method];
  const size = rule.state.length;
  const period = gradients.length;
  const start = new Float64Array(size);
  const faded = cycle(rule, h, SILENCE, new Float64Array(size).fill(1)).after;
  for (let pass = 0; pass < passes; pass++) {
    const { after } = cycle(rule, h, gradients, start);
    for (let k = 0; k < size; k++) {
      if (rule.maxima.includes(rule.state[k])) continue; // low, and full after one period
      if (!(Math.abs(faded[k]) < 1)) return null;
      start[k] += (after[k] - start[k]) / (1 - faded[k] ** period);
    }
  }
  const settled = rule.maxima.length ? cycle(rule, h, gradients, start).after : start;
  return cycle(rule, h, gradients, settled).directions;
}

// D of a method, or null where there is no orbit.
export function driftNumber(method, h, gradients, passes = 1) {
  const directions = settledDirections(method, h, gradients, passes);
  return directions && directions.reduce((drift, direction) => drift - direction, 0);
}
