// The numbers behind the map of the exact boundary: where D is positive over a plane, and where the
// conditions of Theorem 2 hold.

import { evenly, fadeAxis, logAxis } from "./axes.js";
import { driftNumber } from "./drift.js";
import { THEOREM_2 } from "./generated/theorem_2.js";
import { countScale, fadeScale } from "./scales.js";
import { SignMap } from "./sign_map.js";
import { meanOf } from "./verdict.js";

export const BETA1_SCALE = fadeScale(3, 60);
export const BETA2_SCALE = fadeScale(6, 50);
export const C_SCALE = countScale(2, 1000);

export const NODES = { coarse: 61, fine: 141 };

const AXES = {
  beta1: { ...fadeAxis("β₁", 3), name: "beta1", scale: BETA1_SCALE },
  beta2: { ...fadeAxis("β₂", 5), name: "beta2", scale: BETA2_SCALE },
  beta2Longer: { ...fadeAxis("β₂", 6), name: "beta2", scale: BETA2_SCALE },
  C: { ...logAxis("C", 2, 1000), name: "C", scale: C_SCALE },
};

export const PLANES = {
  betas: { x: AXES.beta1, y: AXES.beta2, text: "β₁ and β₂" },
  rarity: { x: AXES.C, y: AXES.beta2Longer, text: "C and β₂" },
};

// The period is C while it is tied to it.
export const tie = (values) => (values.tied ? { ...values, P: values.C } : values);

export function problemOf({ C, P }) {
  const gradients = new Float64Array(P).fill(-1);
  gradients[0] = C;
  return { gradients, lower: -1, upper: 1 };
}

const SIDES = Object.values(THEOREM_2);

// How far Theorem 2's conditions hold: the least logarithm of a right side over a left one. It is
// nearly linear across a cell of the map, however steep the sides.
function leastMargin(beta1, beta2, C) {
  let least = Math.log(beta2 / (beta1 * beta1));
  for (const { left, right } of SIDES) {
    least = Math.min(least, Math.log(right(beta1, beta2, C) / left(beta1, beta2, C)));
  }
  return Number.isNaN(least) ? -1 : Math.min(Math.max(least, -1e3), 1e3); // 0/0: beyond its range
}

// The beta1 that Theorem 2 is about at these values; null where it says nothing about the method.
export function theorem2Beta1({ method, beta1, C, P }) {
  return C === P ? ({ adam: beta1, rmsprop: 0 }[method] ?? null) : null;
}

// The values at the point (u, v) of the map.
const valuesAt = (values, { x, y }, u, v) =>
  tie({ ...values, [x.name]: valueOn(x, u), [y.name]: valueOn(y, v) });

function valueOn({ name, value }, share) {
  return name === "C" ? Math.round(value(share)) : value(share);
}

// Nodes along an axis; along C they stand at whole numbers.
function nodesOf(axis, count) {
  if (axis.name !== "C") return evenly(count);
  const wholes = new Set(evenly(count).map((u) => valueOn(axis, u)));
  return [...wholes].map(axis.share);
}

export function mapOf(values, count) {
  const { method, plane, tied } = values;
  const { x, y } = PLANES[plane];
  // What the map depends on: not on its own axes, nor on the run.
  const rest = { ...values, [x.name]: 0, [y.name]: 0, steps: 0, P: tied ? 0 : values.P };
  const key = JSON.stringify([count, rest]);
  const [us, vs] = [nodesOf(x, count), nodesOf(y, count)];
  const columns = us.map((u) => problemOf(valuesAt(values, { x, y }, u, 0)).gradients);
  const slopes = columns.map(meanOf);
  const betas1 = us.map((u) => (x.name === "beta1" ? x.value(u) : values.beta1));
  const betas2 = vs.map(y.value);
  const { epsilon } = values;
  // Positive where the method goes to the worse end.
  const at = (j, k) => {
    const h = { beta1: betas1[j], beta2: betas2[k], epsilon };
    return driftNumber(method, h, columns[j]) * slopes[j];
  };
  return new SignMap({ key, us, vs, at });
}

export function theorem2Map(values) {
  const { x, y } = PLANES[values.plane];
  const [us, vs] = [nodesOf(x, NODES.coarse), nodesOf(y, NODES.coarse)];
  const columns = us.map((u) => valuesAt(values, { x, y }, u, 0));
  const rates = vs.map(y.value);
  const betas = columns.map(theorem2Beta1);
  const at = (j, k) => leastMargin(betas[j], rates[k], columns[j].C);
  const map = new SignMap({ us, vs, at });
  map.advance();
  return map;
}
