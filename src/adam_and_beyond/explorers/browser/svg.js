// Parts of a picture, as SVG text.

// Ticks at 1, 2 or 5 times a power of ten, about `count` of them.
export function niceTicks(low, high, count = 4) {
  const raw = (high - low) / count;
  const power = 10 ** Math.floor(Math.log10(raw));
  const step = power * [1, 2, 5, 10].find((m) => m * power >= raw * 0.999);
  const ticks = [];
  for (let k = Math.ceil(low / step - 1e-9); k * step <= high + 1e-9 * step; k++) {
    ticks.push(+(k * step).toPrecision(12));
  }
  return ticks;
}

// Push labels apart until none overlap, keeping their order, inside [low, high].
export function spreadLabels(wanted, gaps, low, high) {
  const order = wanted.map((_, k) => k).sort((a, b) => wanted[a] - wanted[b] || a - b);
  const positions = [...wanted];
  for (let round = 0; round < 200; round++) {
    let moved = false;
    for (let k = 1; k < order.length; k++) {
      const [a, b] = [order[k - 1], order[k]];
      const short = (gaps[a] + gaps[b]) / 2 - (positions[b] - positions[a]);
      if (short > 0.01) {
        positions[a] -= short / 2;
        positions[b] += short / 2;
        moved = true;
      }
    }
    for (const k of order) {
      positions[k] = Math.min(Math.max(positions[k], low + gaps[k] / 2), high - gaps[k] / 2);
    }
    if (!moved) break;
  }
  return positions;
}

export function textAt(className, x, y, text, anchor = "start") {
  const attributes = `text-anchor="${anchor}" x="${x.toFixed(1)}" y="${y.toFixed(1)}"`;
  return `<text class="${className}" ${attributes}>${text}</text>`;
}

export const point = (x, y) => `${x.toFixed(1)},${y.toFixed(1)}`;

export const dot = (x, y, className = "") =>
  `<circle class="aab-here ${className}" cx="${x.toFixed(1)}" cy="${y.toFixed(1)}" r="4.5"/>`;

export const clipPathOf = (id, { x0, x1, y0, y1 }) =>
  `<clipPath id="${id}"><rect x="${x0}" y="${y1}" width="${(x1 - x0).toFixed(1)}" ` +
  `height="${y0 - y1}"/></clipPath>`;
