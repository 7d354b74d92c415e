// What theory says about a method on a problem, what the run shows, and where a slider turns it.

import { driftNumber } from "./drift.js";
import { RULES } from "./generated/rules.js";
import { signChanges } from "./roots.js";
import { counted, plain, signed } from "./text.js";

export const ZERO = 1e-9; // |D| below this is zero up to rounding

export const hyper = ({ beta1, beta2, epsilon }) => ({ beta1, beta2, epsilon });

export const takes = (method, name) => RULES[method].hyperparameters.includes(name);

export const meanOf = (gradients) => gradients.reduce((sum, g) => sum + g, 0) / gradients.length;

// The end that theory predicts: {D, end, verdict}; `verdict` is "fails", "fine" or "open".
export function theory(method, values, problem) {
  const slope = meanOf(problem.gradients);
  const D = driftNumber(method, hyper(values), problem.gradients);
  // A memory that never fades weighs all gradients alike: the iterate follows the mean slope.
  const direction = D === null ? -Math.sign(slope) : Math.abs(D) < ZERO ? 0 : Math.sign(D);
  const end = direction > 0 ? problem.upper : direction < 0 ? problem.lower : null;
  const flat = Math.abs(slope) < ZERO;
  const verdict = end === null || flat ? "open" : direction === Math.sign(slope) ? "fails" : "fine";
  return { method, D, end, slope, flat, verdict };
}

// A formula is not broken over two lines.
const unbroken = (text) => `<span class="aab-keep">${text}</span>`;

// The sentence on theory, as HTML.
export function theorySentence({ D, end, flat, verdict }, vanishing) {
  const says = vanishing ? "theory says" : "for vanishing steps theory says";
  const which = flat
    ? "here no point is better than another"
    : verdict === "fails"
      ? "the worst point"
      : "the best point";
  const memory = D === null ? "Its memory never fades: " : "";
  if (end === null) {
    return `${memory || "D = 0: "}this is the boundary, where theory does not decide.`;
  }
  const goal = `<strong class="aab-${verdict}">x goes to ${signed(end)}, ${which}</strong>.`;
  if (memory) return `${memory}${says} ${goal}`;
  return `${unbroken(`D = ${plain(D)} ${D > 0 ? "&gt;" : "&lt;"} 0:`)} ${says} ${goal}`;
}

export function runSentence(run) {
  const regret = plain(run.averageRegret.at(-1));
  return `After ${counted(run.t)} steps ${unbroken(`x = ${plain(run.x)},`)} average regret ${regret}.`;
}

// Limit of the average regret at the worst end.
export const worstRegret = ({ gradients, lower, upper }) =>
  Math.abs(meanOf(gradients)) * (upper - lower);

// Where along one slider the verdict flips, and the regions between: `at(value)` is the theory
// there. Values are compared by a number whose sign is the verdict.
export function alongSlider(scale, at) {
  const number = (value) => {
    const found = at(value);
    return (found.D ?? 0) * Math.sign(Math.abs(found.slope) < ZERO ? 0 : found.slope);
  };
  const stride = Math.max(1, Math.floor(scale.positions / 80));
  const grid = [];
  for (let p = 0; p < scale.positions; p += stride) grid.push(scale.toValue(p));
  grid.push(scale.toValue(scale.positions));
  const flips = signChanges(number, grid);
  const edges = [grid[0], ...flips, grid.at(-1)];
  const regions = edges.slice(1).map((to, k) => {
    const from = edges[k];
    const middle = scale.toValue((scale.toPosition(from) + scale.toPosition(to)) / 2);
    return { from, to, verdict: at(middle).verdict };
  });
  return { flips, regions };
}
