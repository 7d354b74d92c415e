// Maps: the sign of a number over a plane, from its values at the nodes of a grid. Between nodes
// the number is taken as linear, so that the boundary runs through the cells and not along them.

import { point } from "./svg.js";

// A map in the making, a row at a time. `us`, `vs`: the nodes' places in [0, 1]; `at(j, k)`: the
// number at (us[j], vs[k]); `key` says what it is a map of.
export class SignMap {
  constructor({ key, us, vs, at }) {
    Object.assign(this, { key, us, vs, at, rows: 0 });
    this.values = new Float64Array(us.length * vs.length);
  }

  get done() {
    return this.rows === this.vs.length;
  }

  advance(until = Infinity) {
    const width = this.us.length;
    while (!this.done) {
      const k = this.rows++;
      for (let j = 0; j < width; j++) this.values[k * width + j] = this.at(j, k);
      if (until < Infinity && performance.now() > until) return;
    }
  }
}

// The part of a map where the number is positive, as path data, and its edge. X, Y place nodes.
export function positivePart({ us, vs, values }, X, Y) {
  const width = us.length;
  const area = [];
  const edge = [];
  const xs = us.map(X);
  const ys = vs.map(Y);
  for (let k = 0; k + 1 < vs.length; k++) {
    let from = -1; // first column of a run of whole cells
    for (let j = 0; j < width; j++) {
      const corners = j + 1 < width ? cellCorners(values, width, j, k) : [-1, -1, -1, -1];
      const count = corners.filter((value) => value > 0).length;
      if (count === 4 && from < 0) from = j;
      if (count < 4 && from >= 0) {
        const [x0, x1] = [xs[from], xs[j]].map((x) => x.toFixed(1));
        area.push(`M${x0},${ys[k].toFixed(1)}H${x1}V${ys[k + 1].toFixed(1)}H${x0}Z`);
        from = -1;
      }
      if (count === 0 || count === 4) continue;
      const { outline, crossings } = cutCell(corners, xs[j], xs[j + 1], ys[k], ys[k + 1]);
      area.push(`M${outline.join("L")}Z`);
      for (let c = 0; c + 1 < crossings.length; c += 2) {
        edge.push(`M${crossings[c]}L${crossings[c + 1]}`);
      }
    }
  }
  return { area: area.join(""), edge: edge.join("") };
}

// Values at a cell's corners, counter-clockwise from the first node of both axes.
const cellCorners = (values, width, j, k) => [
  values[k * width + j],
  values[k * width + j + 1],
  values[(k + 1) * width + j + 1],
  values[(k + 1) * width + j],
];

// The positive part of a cell whose corners differ in sign, and where its edge crosses the sides.
function cutCell(corners, x0, x1, y0, y1) {
  const places = [
    [x0, y0],
    [x1, y0],
    [x1, y1],
    [x0, y1],
  ];
  const outline = [];
  const crossings = [];
  for (let c = 0; c < 4; c++) {
    const d = (c + 1) % 4;
    const [a, b] = [corners[c], corners[d]];
    if (a > 0) outline.push(point(...places[c]));
    if (a > 0 === b > 0) continue;
    const share = a / (a - b);
    const cut = point(
      places[c][0] + share * (places[d][0] - places[c][0]),
      places[c][1] + share * (places[d][1] - places[c][1]),
    );
    outline.push(cut);
    crossings.push(cut);
  }
  return { outline, crossings };
}

// The largest square of nodes of one sign, {u, v, size}: there a label has room. Null if too small.
export function roomFor({ us, vs, values }, positive, least) {
  const width = us.length;
  const sizes = new Uint16Array(values.length);
  let best = 0;
  let at = 0;
  for (let i = 0; i < values.length; i++) {
    if (values[i] > 0 !== positive) continue;
    const [j, k] = [i % width, Math.floor(i / width)];
    const around = j && k ? Math.min(sizes[i - 1], sizes[i - width], sizes[i - width - 1]) : 0;
    sizes[i] = around + 1;
    if (sizes[i] > best) [best, at] = [sizes[i], i];
  }
  if (best < least * width) return null;
  const middle = (places, last) => (places[last] + places[last - best + 1]) / 2;
  return { u: middle(us, at % width), v: middle(vs, Math.floor(at / width)) };
}
