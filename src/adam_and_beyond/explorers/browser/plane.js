// Planes of two quantities, drawn as SVG text between two axes of axes.js.

import { point, textAt } from "./svg.js";
import { escapeText } from "./text.js";

// The places of a plane in its picture: {x0, x1, y0, y1, X, Y}, px, `right` px kept for labels.
export function planeBox({ width, height, right = 14 }, x, y) {
  const widest = Math.max(...y.ticks.map(({ text }) => text.length));
  const box = { x0: Math.max(34, 14 + 7 * widest), x1: width - right, y0: height - 38, y1: 26 };
  const within = (share) => Math.min(Math.max(share, -1), 2); // far outside is outside
  return {
    ...box,
    X: (v) => box.x0 + within(x.share(v)) * (box.x1 - box.x0),
    Y: (v) => box.y0 - within(y.share(v)) * (box.y0 - box.y1),
  };
}

// The frame with its ticks and titles; what lies inside is drawn by the caller, before.
export function planeAxes(box, x, y) {
  const { x0, x1, y0, y1 } = box;
  const parts = [textAt("aab-title", 0, 13, y.title)];
  for (const { at, text } of y.ticks) {
    parts.push(`<path class="aab-axis" d="M${point(x0, box.Y(at))}h-4"/>`);
    parts.push(textAt("aab-tick", x0 - 7, box.Y(at) + 4, text, "end"));
  }
  for (const { at, text } of x.ticks) {
    parts.push(`<path class="aab-axis" d="M${point(box.X(at), y0)}v4"/>`);
    parts.push(textAt("aab-tick", box.X(at), y0 + 16, text, "middle"));
  }
  parts.push(`<path class="aab-axis" d="M${x0},${y0}H${x1.toFixed(1)}V${y1}H${x0}Z"/>`);
  parts.push(textAt("aab-title", x1, y0 + 34, x.title, "end"));
  return parts.join("");
}

// A curve over a plane: `points` are [x, y]; a gap stands where y is null.
export function curvePath(points, { X, Y }) {
  let pen = "M";
  const parts = [];
  for (const [x, y] of points) {
    if (y === null || !Number.isFinite(y)) {
      pen = "M";
      continue;
    }
    parts.push(pen + point(X(x), Y(y)));
    pen = "L";
  }
  return parts.join("");
}

// The picture of a plane in one of the explorer's charts; `inside(box)` is what it shows.
export function drawPlane(root, { name, sentence, x, y, height, right, inside }) {
  const svg = root.querySelector(`[data-chart="${name}"]`);
  const width = svg.parentElement.clientWidth;
  if (!width) return; // not laid out yet; the observer will call again
  const box = planeBox({ width, height, right }, x, y);
  svg.setAttribute("viewBox", `0 0 ${width} ${height}`);
  svg.setAttribute("aria-label", sentence);
  svg.innerHTML = `<desc>${escapeText(sentence)}</desc>${inside(box)}`;
}
