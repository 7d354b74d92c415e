// How much of a slope Adam does not see: one gradient C and P - 1 gradients -1, the sum of a period
// up to which its drift number is positive, and the walk at a constant step.

import { driftNumber, settledDirections } from "./drift.js";
import { countScale } from "./scales.js";

export const ALPHA = 0.02;

export const LEAST = 1e-6; // ends of the map's axis

export const MOST = 1e3;

export const PERIODS = countScale(3, 300);

export function lossesOf(P, excess) {
  const gradients = new Float64Array(P).fill(-1);
  gradients[0] = P - 1 + excess;
  return { gradients, lower: -1, upper: 1 };
}

const driftAt = (h, P, excess) => driftNumber("adam", h, lossesOf(P, excess).gradients);

// The sum at which the drift number is 0, by halving the logarithm; it falls as the sum grows.
// Infinity where it is still positive far above the map.
export function unseenSum(h, P) {
  let [low, high] = [Math.log(LEAST) - 12, Math.log(MOST) + 12];
  if (driftAt(h, P, Math.exp(high)) > 0) return Infinity;
  for (let k = 0; k < 52; k++) {
    const middle = (low + high) / 2;
    if (driftAt(h, P, Math.exp(middle)) > 0) low = middle;
    else high = middle;
  }
  return Math.exp((low + high) / 2);
}

// The walk from x = 0 with a constant step on the settled averages, where a period is one clip:
// where x is at the ends of periods, how far it strays within one, and when it arrives.
export function walkOf(h, P, excess) {
  const clip = { shift: 0, lower: -1, upper: 1 };
  let [lowest, highest] = [0, 0];
  const within = (x) => Math.min(Math.max(x, -1), 1);
  for (const direction of settledDirections("adam", h, lossesOf(P, excess).gradients)) {
    const step = -ALPHA * direction;
    clip.shift += step;
    clip.lower = within(clip.lower + step);
    clip.upper = within(clip.upper + step);
    lowest = Math.min(lowest, clip.shift);
    highest = Math.max(highest, clip.shift);
  }
  const end = clip.shift > 0 ? clip.upper : clip.lower;
  const arrival = Math.min(Math.ceil(Math.abs(end / clip.shift)), 1e12);
  const rounds = Array.from({ length: 101 }, (_, k) => Math.round((k / 80) * arrival) * P);
  const xs = rounds.map((t) => Math.min(Math.max((t / P) * clip.shift, clip.lower), clip.upper));
  const band = xs.map((x) => [within(x + lowest), within(x + highest)]);
  return { D: clip.shift / ALPHA, end, arrival: arrival * P, rounds, xs, band };
}
