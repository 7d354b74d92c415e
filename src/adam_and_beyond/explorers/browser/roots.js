// Where a function of one number changes its sign.

// Where f changes its sign between neighbouring points of a grid, by bisection.
export function signChanges(f, grid) {
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
