// The law of a class's count in a batch: its values and their chances, or five values that have its
// first nine moments where it is met often.

import { solve } from "./field.js";

const OFTEN = 2; // expected counts from which five values stand for all

const LEAST = 1e-15; // a chance that is left out

// Gauss's rule for the binomial law: roots of Krawtchouk polynomials, in units of its spread.
function fiveCounts(p, batch) {
  const [mean, spread] = [p * batch, Math.sqrt(p * (1 - p) * batch)];
  const polynomial = (n, x) => {
    let [before, now] = [0, 1];
    for (let k = 0; k < n; k++) {
      const centre = (k * (1 - 2 * p)) / spread;
      const width = (k * (batch - k + 1)) / batch;
      [before, now] = [now, (x - centre) * now - width * before];
    }
    return now;
  };
  let roots = [];
  for (let n = 1; n <= 5; n++) {
    const edges = [-12, ...roots, 12 + 6 / spread];
    roots = edges.slice(1).map((high, k) => {
      let [a, b] = [edges[k], high];
      const sign = Math.sign(polynomial(n, b));
      for (let round = 0; round < 50; round++) {
        const c = (a + b) / 2;
        if (Math.sign(polynomial(n, c)) === sign) b = c;
        else a = c;
      }
      return (a + b) / 2;
    });
  }
  // Weights from orthogonality: the mean of every polynomial but the first is 0.
  const rows = Array.from({ length: 5 }, (_, n) => roots.map((x) => polynomial(n, x)));
  const chances = solve(rows, [1, 0, 0, 0, 0]);
  return { counts: roots.map((x) => mean + spread * x), chances };
}

export function countsOf(p, batch) {
  if (p * batch > OFTEN && batch > 12) return fiveCounts(p, batch);
  const [counts, chances] = [[], []];
  let chance = (1 - p) ** batch;
  for (let k = 0; k <= batch; k++) {
    if (chance > LEAST) {
      counts.push(k);
      chances.push(chance);
    } else if (k > p * batch) break;
    chance *= ((batch - k) / (k + 1)) * (p / (1 - p));
  }
  const total = chances.reduce((sum, value) => sum + value, 0);
  return { counts, chances: chances.map((value) => value / total) };
}
