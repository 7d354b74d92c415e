// The mean direction E[m / sqrt v] of Adam on independent gradients, by the integral of
// adam_and_beyond/field/integral.py with a coarser grid: to about 1e-7, as a test compares.

const STEP = 0.2;

const NODES = 9; // of a block of rounds

const NOTHING = 34; // e^-34 is nothing beside 1

// Solves A x = b by elimination with pivots; A is overwritten.
export function solve(A, b) {
  const n = b.length;
  for (let k = 0; k < n; k++) {
    let pivot = k;
    for (let i = k + 1; i < n; i++) if (Math.abs(A[i][k]) > Math.abs(A[pivot][k])) pivot = i;
    [A[k], A[pivot], b[k], b[pivot]] = [A[pivot], A[k], b[pivot], b[k]];
    for (let i = k + 1; i < n; i++) {
      const factor = A[i][k] / A[k][k];
      for (let j = k; j < n; j++) A[i][j] -= factor * A[k][j];
      b[i] -= factor * b[k];
    }
  }
  for (let k = n - 1; k >= 0; k--) {
    for (let j = k + 1; j < n; j++) b[k] -= A[k][j] * b[j];
    b[k] /= A[k][k];
  }
  return b;
}

// `keepM` and `keepV` are what a round keeps of the two averages: beta1 and beta2.

// How sums over the past are cut into blocks: rounds in a block, places looked at, weights there.
function blocksOf(keepM, keepV) {
  const delta = -Math.log(keepV);
  const length = Math.max(1, Math.floor(STEP / delta));
  const columns = length === 1 ? Math.ceil(delta / (STEP * 1.0001)) : 1;
  const weights = (k) => [k < length ? 1 : 0, k > 0 ? (1 - keepM) * keepM ** k : 0];
  const rounds = Array.from({ length: length + 1 }, (_, k) => k);
  if (length < NODES) {
    return {
      delta,
      length,
      columns,
      back: rounds.map((k) => k * delta),
      product: rounds.map((k) => weights(k)[0]),
      sum: rounds.map((k) => weights(k)[1]),
    };
  }
  const places = Array.from({ length: NODES }, (_, i) => -Math.cos((Math.PI * i) / (NODES - 1)));
  const moments = [new Array(NODES).fill(0), new Array(NODES).fill(0)];
  for (const k of rounds) {
    const angle = Math.acos(Math.min(1, Math.max(-1, (2 * k) / length - 1)));
    const [product, sum] = weights(k);
    for (let j = 0; j < NODES; j++) {
      const value = Math.cos(j * angle);
      moments[0][j] += product * value;
      moments[1][j] += sum * value;
    }
  }
  const rows = () =>
    places.map((_, j) => places.map((x) => Math.cos(j * Math.acos(Math.min(1, Math.max(-1, x))))));
  return {
    delta,
    length,
    columns,
    back: places.map((x) => ((x + 1) / 2) * length * delta),
    product: solve(rows(), moments[0]),
    sum: solve(rows(), moments[1]),
  };
}

// A function of gradients and their probabilities.
export function meanDirection(keepM, keepV) {
  const blocks = blocksOf(keepM, keepV);
  return (gradients, chances) => integrate(keepM, keepV, blocks, gradients, chances);
}

function integrate(keepM, keepV, { delta, length, columns, back, product, sum }, gradients, p) {
  const largest = Math.max(...gradients.map(Math.abs));
  const g = gradients.map((value) => value / largest);
  const squares = g.map((value) => value * value);
  const least = Math.min(...squares);
  const moving = Math.min(...squares.filter((square) => square > 0));
  const still = p.reduce((total, chance, k) => total + (squares[k] === 0 ? chance : 0), 0);
  const w0 = 1 - keepV;
  const last = still > 0 ? moving * w0 : least;
  const step = length * delta;
  const rounds = Math.ceil((NOTHING + Math.log(NOTHING) - Math.log(last)) / step) + 2;
  const mean = g.reduce((total, value, k) => total + value * p[k], 0);
  const fade = keepM ** length;
  const earlier = back.map((far) => Math.exp(-far) * w0);
  let total = 0;
  let final = 0;
  for (let column = 0; column < columns; column++) {
    let logProduct = 0;
    let past = keepM * mean;
    for (let row = 0; row < rounds; row++) {
      const u = -NOTHING + (column * delta) / columns + row * step;
      const s = Math.exp(u);
      let block = 0;
      let recent = 0;
      let now = 0;
      for (let i = 0; i < back.length; i++) {
        const y = s * earlier[i];
        let weight = 0;
        let moment = 0;
        for (let k = 0; k < g.length; k++) {
          const e = p[k] * Math.exp(-y * (squares[k] - least));
          weight += e;
          moment += g[k] * e;
        }
        const rho = moment / weight;
        block += product[i] * (Math.log(weight) - y * least);
        recent += sum[i] * rho;
        if (i === 0) now = rho;
      }
      logProduct += block;
      past = fade * past + recent;
      const value = Math.exp(u / 2 + logProduct) * ((1 - keepM) * now + past);
      total += value;
      if (row === rounds - 1) final += value;
    }
  }
  if (still > 0) {
    const factor = ((still * keepM) / Math.sqrt(keepV)) ** length;
    total += (final * factor) / (1 - factor);
  }
  const h = step / columns;
  const below = (Math.exp(-NOTHING / 2) / Math.expm1(h / 2)) * mean;
  return ((total + below) * h) / Math.sqrt(Math.PI);
}

// The zero of a function that falls from `low` to `high`, by the method of Illinois.
export function zeroOf(f, low, high, width) {
  let [a, b, fa, fb] = [low, high, f(low), f(high)];
  let side = 0;
  for (let k = 0; k < 60 && Math.abs(b - a) > width; k++) {
    const c = (a * fb - b * fa) / (fb - fa);
    const fc = f(c);
    if (fc === 0) return c;
    if (fc * fb > 0) {
      [b, fb] = [c, fc];
      if (side === -1) fa /= 2;
      side = -1;
    } else {
      [a, fa] = [c, fc];
      if (side === 1) fb /= 2;
      side = 1;
    }
    if (Math.abs(fc) < 1e-10) return c;
  }
  return (a + b) / 2;
}
