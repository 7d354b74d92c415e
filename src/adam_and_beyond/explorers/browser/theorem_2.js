// Theorem 2's family, the slopes C, -1, ..., -1 with period C: from which C on the paper's proof
// works, by its generated conditions, and which C is enough.

import { driftNumber } from "./drift.js";
import { THEOREM_2 } from "./generated/theorem_2.js";
import { beta1Control, beta2Control } from "./rates.js";
import { fadeScale } from "./scales.js";
import { counted } from "./text.js";

const LARGEST = 4096; // where the search for a failing C gives up

// Both rates; beta1 comes as near to 1 as 10^-decades.
export const rateControls = (decades) => [
  beta2Control(fadeScale(5, 50)),
  beta1Control(fadeScale(decades, 60)),
];

function holds(name, beta1, beta2, C) {
  const slack = THEOREM_2[name].slack(beta1, beta2, C);
  return name === "iii" ? slack > 0 : slack >= 0; // only the third is strict
}

// The smallest even C of at least 4 for which a condition holds; it holds for every larger one.
function smallestEven(name, beta1, beta2) {
  let [failing, passing] = [1, 2]; // half of C
  while (!holds(name, beta1, beta2, 2 * passing)) {
    [failing, passing] = [passing, 2 * passing];
    if (passing > 2 ** 50) return Infinity;
  }
  while (passing - failing > 1) {
    const middle = Math.floor((failing + passing) / 2);
    if (holds(name, beta1, beta2, 2 * middle)) passing = middle;
    else failing = middle;
  }
  return 2 * passing;
}

// Where each condition first holds, and all of them; null where the theorem says nothing.
export function provedFrom({ beta1, beta2 }) {
  if (!(beta1 * beta1 < beta2)) return null;
  const entries = Object.keys(THEOREM_2).map((name) => [name, smallestEven(name, beta1, beta2)]);
  return { ...Object.fromEntries(entries), together: Math.max(...entries.map(([, C]) => C)) };
}

// The smallest C for which Adam fails. Nothing says that it then fails for every larger one, so
// each C is looked at, in slices.
export class RarityScan {
  constructor({ beta1, beta2 }) {
    Object.assign(this, { h: { beta1, beta2 }, C: 1, found: null, done: false });
  }

  advance(until = Infinity) {
    while (!this.done) {
      const C = ++this.C;
      const gradients = new Float64Array(C).fill(-1);
      gradients[0] = C;
      if (driftNumber("adam", this.h, gradients) > 0) this.found = C;
      this.done = this.found !== null || C >= LARGEST;
      if (until < Infinity && performance.now() > until) return;
    }
  }
}

export const firstFailure = (C) =>
  C === null ? `at no C up to ${counted(LARGEST)}` : `at C = ${counted(C)}`;
