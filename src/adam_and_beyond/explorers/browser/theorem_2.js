// Theorem 2's family, the slopes C, -1, ..., -1 with period C: from which C on the paper's proof
// works (its conditions THEOREM_2 are generated and stand above), and which C is enough.

const LARGEST = 4096; // where the search for a failing C gives up

// Both rates; beta1 comes as near to 1 as 10^-decades.
const betaControls = (decades) => [
  {
    kind: "range", name: "beta2", label: "β₂", note: "memory of squares",
    scale: fadeScale(5, 50), show: (v) => decayText(v),
  },
  {
    kind: "range", name: "beta1", label: "β₁", note: "memory of gradients",
    scale: fadeScale(decades, 60), show: (v) => decayText(v),
  },
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
function provedFrom({ beta1, beta2 }) {
  if (!(beta1 * beta1 < beta2)) return null;
  const entries = Object.keys(THEOREM_2).map((name) => [name, smallestEven(name, beta1, beta2)]);
  return { ...Object.fromEntries(entries), together: Math.max(...entries.map(([, C]) => C)) };
}

// The smallest C for which Adam fails. Nothing says that it then fails for every larger one, so
// each C is looked at, in slices.
class RarityScan {
  constructor(h) {
    Object.assign(this, { h, C: 1, found: null, done: false });
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

const oneIn = (C) => (C === null ? `at no C up to ${counted(LARGEST)}` : `at C = ${counted(C)}`);
