// The drift number D = -sum m_i / sqrt(V_i) over one period of the orbit on which a method's
// averages settle. Its sign says where the iterate goes: up if positive, down if negative.

const SILENCE = [0]; // one round without a gradient

// One period of a rule from the given memory; returns the memory after it and the sum of steps.
function cycle(rule, h, gradients, memory) {
  const after = Float64Array.from(memory);
  let drift = 0;
  // At t = infinity bias corrections have died out.
  for (const g of gradients) drift -= rule.step(after, g, Infinity, h);
  return { after, drift };
}

// D of a method, or null if its memory never fades (AdaGrad, AdamNC), so that no orbit exists.
// Every average obeys s -> a s + b over one period: b is what a period makes of nothing, and a the
// power of what one silent round leaves of 1.
function driftNumber(method, h, gradients) {
  const rule = RULES[method];
  const size = rule.state.length;
  const period = gradients.length;
  const start = cycle(rule, h, gradients, new Float64Array(size)).after;
  const faded = cycle(rule, h, SILENCE, new Float64Array(size).fill(1)).after;
  for (let k = 0; k < size; k++) {
    if (rule.maxima.includes(rule.state[k])) start[k] = 0; // low, and full after one period
    else if (!(Math.abs(faded[k]) < 1)) return null;
    else start[k] /= 1 - faded[k] ** period;
  }
  const settled = rule.maxima.length ? cycle(rule, h, gradients, start).after : start;
  return cycle(rule, h, gradients, settled).drift;
}

// Where f changes its sign between neighbouring points of a grid, by bisection.
function signChanges(f, grid) {
  const found = [];
  let before = f(grid[0]);
  for (let k = 1; k < grid.length; k++) {
    const here = f(grid[k]);
    if (before * here < 0) found.push(bisect(f, grid[k - 1], grid[k], before));
    else if (here === 0 && before !== 0) found.push(grid[k]);
    before = here;
  }
  return found;
}

function bisect(f, left, right, atLeft) {
  for (let k = 0; k < 60; k++) {
    const middle = (left + right) / 2;
    if (middle === left || middle === right) break;
    if (f(middle) * atLeft > 0) left = middle;
    else right = middle;
  }
  return (left + right) / 2;
}
