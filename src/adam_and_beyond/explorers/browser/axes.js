// Axes of a plane: {title, share, value, ticks}. `share` takes a value to its position between 0 and
// 1, `value` a position to its value; ticks are {at, text}.

import { niceTicks } from "./svg.js";
import { short } from "./text.js";

export const evenly = (n) => Array.from({ length: n }, (_, k) => k / (n - 1));

// A decay rate by the distance from 1, `decades` powers of ten of it.
export const fadeAxis = (title, decades) => ({
  title,
  share: (v) => -Math.log10(1 - v) / decades,
  value: (u) => 1 - 10 ** (-u * decades),
  ticks: Array.from({ length: decades + 1 }, (_, k) => {
    const at = +(1 - 10 ** -k).toFixed(12);
    return { at, text: String(at) };
  }),
});

// Powers of ten, and where there is room for more the 3 between two of them.
export function logAxis(title, low, high, format = short) {
  const span = Math.log(high / low);
  const factors = span < Math.log(2000) ? [1, 3] : [1];
  const ticks = [];
  for (let power = Math.floor(Math.log10(low)); 10 ** power <= high * 1.001; power++) {
    for (const factor of factors) {
      const at = factor * 10 ** power;
      if (at >= low * 0.999 && at <= high * 1.001) ticks.push({ at, text: format(at) });
    }
  }
  const share = (v) => Math.log(Math.max(v, 1e-300) / low) / span;
  return { title, share, value: (u) => low * (high / low) ** u, ticks };
}

export const linearAxis = (title, low, high) => ({
  title,
  share: (v) => (v - low) / (high - low),
  value: (u) => low + u * (high - low),
  ticks: niceTicks(low, high).map((at) => ({ at, text: at >= 1000 ? short(at) : String(at) })),
});
