// The drift number D = -sum m_i / sqrt(V_i) over one period of the orbit on which a method's
// averages settle. Its sign says where the iterate goes: up if positive, down if negative.

// One period of a rule from the given memory; returns the memory after it and the sum of steps.
function cycle(rule, h, gradients, memory) {
  const after = Float64Array.from(memory);
  let drift = 0;
  // At t = infinity bias corrections have died out.
  for (const g of gradients) drift -= rule.step(after, g, Infinity, h);
  return { after, drift };
}

// D of a method, or null if its memory never fades (AdaGrad, AdamNC), so that no orbit exists.
// Every average obeys s -> a s + b over one period; a and b come from two runs of the rule itself.
function driftNumber(method, h, gradients) {
  const rule = RULES[method];
  const size = rule.state.length;
  const zeros = new Float64Array(size);
  const offset = cycle(rule, h, gradients, zeros).after;
  const silence = new Float64Array(gradients.length);
  const decay = cycle(rule, h, silence, new Float64Array(size).fill(1)).after;
  const start = new Float64Array(size);
  for (let k = 0; k < size; k++) {
    if (rule.maxima.includes(rule.state[k])) continue; // they start low, full after one period
    if (!(Math.abs(decay[k]) < 1)) return null;
    start[k] = offset[k] / (1 - decay[k]);
  }
  const settled = cycle(rule, h, gradients, start).after;
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
