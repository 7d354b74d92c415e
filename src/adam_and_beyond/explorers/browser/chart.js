// Line charts against the step, drawn as SVG text. A series carries its colour and dash.

const MARGIN = { top: 34, bottom: 24, left: 46 };
const LABEL_GAP = 15; // least distance between two labels, px

// Ticks at 1, 2 or 5 times a power of ten, about `count` of them.
function niceTicks(low, high, count = 4) {
  const raw = (high - low) / count;
  const power = 10 ** Math.floor(Math.log10(raw));
  const step = power * [1, 2, 5, 10].find((m) => m * power >= raw * 0.999);
  const ticks = [];
  for (let k = Math.ceil(low / step - 1e-9); k * step <= high + 1e-9 * step; k++) {
    ticks.push(+(k * step).toPrecision(12));
  }
  return ticks;
}

function stepTicks(steps, logarithmic) {
  if (!logarithmic) return niceTicks(0, steps, 4);
  const ticks = [];
  for (let t = 1; t <= steps; t *= 10) ticks.push(t);
  return ticks;
}

// Push labels apart until none overlap, keeping their order, inside [low, high].
function spread(wanted, gaps, low, high) {
  const order = wanted.map((_, k) => k).sort((a, b) => wanted[a] - wanted[b] || a - b);
  const placed = [...wanted];
  for (let round = 0; round < 200; round++) {
    let moved = false;
    for (let k = 1; k < order.length; k++) {
      const [a, b] = [order[k - 1], order[k]];
      const short = (gaps[a] + gaps[b]) / 2 - (placed[b] - placed[a]);
      if (short > 0.01) {
        placed[a] -= short / 2;
        placed[b] += short / 2;
        moved = true;
      }
    }
    for (const k of order) {
      placed[k] = Math.min(Math.max(placed[k], low + gaps[k] / 2), high - gaps[k] / 2);
    }
    if (!moved) break;
  }
  return placed;
}

function write(kind, x, y, text, anchor = "start") {
  const place = `text-anchor="${anchor}" x="${x.toFixed(1)}" y="${y.toFixed(1)}"`;
  return `<text class="${kind}" ${place}>${text}</text>`;
}

const point = (x, y) => `${x.toFixed(1)},${y.toFixed(1)}`;

// A chart as the inside of an <svg> of the given size. `title` is SVG text; `series`: {name, hue,
// label, t, y, low, high}; `levels`: theoretical values {at, text}; `yTicks`: {at, text, note};
// `measure`: the width of a label, px.
function drawChart(chart) {
  const { id, width, height, title, steps, logarithmic, y, yTicks, series, levels = [] } = chart;
  const texts = [...series.map((s) => s.label), ...levels.map((l) => l.text)];
  const longest = Math.max(...texts.flatMap((text) => text.split("\n")).map(chart.measure));
  const right = Math.min(Math.max(longest + 12, 64), width * 0.4);
  const box = { x0: MARGIN.left, x1: width - right, y0: height - MARGIN.bottom, y1: MARGIN.top };
  const place = logarithmic
    ? (t) => Math.log(Math.max(t, 1)) / Math.log(Math.max(steps, 2))
    : (t) => t / steps;
  const X = (t) => box.x0 + place(t) * (box.x1 - box.x0);
  const Y = (v) => box.y0 - ((v - y.min) / (y.max - y.min)) * (box.y0 - box.y1);
  const parts = [
    `<clipPath id="${id}"><rect x="${box.x0}" y="${box.y1 - 3}" width="${box.x1 - box.x0 + 2}" ` +
      `height="${box.y0 - box.y1 + 6}"/></clipPath>`,
    write("aab-title", 0, 13, title),
    ...axes(box, X, Y, yTicks, stepTicks(steps, logarithmic)),
  ];
  for (const level of levels) {
    parts.push(`<path class="aab-level" d="M${point(box.x0, Y(level.at))}H${box.x1.toFixed(1)}"/>`);
  }
  parts.push(`<g clip-path="url(#${id})">`);
  for (const s of series) if (s.low) parts.push(band(s, X, Y));
  for (const s of series) parts.push(line(s, X, Y));
  parts.push("</g>", ...endLabels(box, Y, series, levels));
  return parts.join("");
}

function axes(box, X, Y, yTicks, tTicks) {
  const parts = [];
  for (const { at, text, note } of yTicks) {
    const y = Y(at);
    parts.push(`<path class="aab-grid" d="M${point(box.x0, y)}H${box.x1.toFixed(1)}"/>`);
    parts.push(write("aab-tick", box.x0 - 6, y + (note ? -1 : 4), text, "end"));
    if (note) parts.push(write("aab-note", box.x0 - 6, y + 11, note, "end"));
  }
  parts.push(`<path class="aab-axis" d="M${box.x0},${box.y0}H${box.x1.toFixed(1)}"/>`);
  for (const t of tTicks) {
    parts.push(`<path class="aab-axis" d="M${point(X(t), box.y0)}v4"/>`);
    parts.push(write("aab-tick", X(t), box.y0 + 17, short(t), "middle"));
  }
  // Clear of a number that stands right at the end.
  parts.push(write("aab-tick", box.x1 + 22, box.y0 + 17, "step t"));
  return parts;
}

// The range of the iterate inside each period, behind the line.
function band(s, X, Y) {
  const upper = [];
  const lower = [];
  for (let k = 0; k < s.t.length; k++) {
    if (s.high[k] <= s.low[k]) continue;
    upper.push(point(X(s.t[k]), Y(s.high[k])));
    lower.push(point(X(s.t[k]), Y(s.low[k])));
  }
  if (!upper.length) return "";
  const outline = [...upper, ...lower.reverse()].join("L");
  return `<path class="aab-band aab-hue" style="${s.hue}" d="M${outline}Z"/>`;
}

function line(s, X, Y) {
  const points = Array.from(s.t, (t, k) => point(X(t), Y(s.y[k]))).join("L");
  const kind = `class="aab-line aab-hue" data-series="${s.name}" style="${s.hue}"`;
  return `<path ${kind} d="M${points}"/>`;
}

function endLabels(box, Y, series, levels) {
  const inside = (v) => Math.min(Math.max(Y(v), box.y1), box.y0);
  const labels = [
    ...series.map((s) => ({ at: s.y.at(-1), text: s.label, hue: s.hue, kind: "aab-hue" })),
    ...levels.map((l) => ({ ...l, hue: "", kind: "aab-theory" })),
  ];
  const gaps = labels.map((l) => LABEL_GAP * l.text.split("\n").length);
  const wanted = labels.map((l) => inside(l.at));
  const placed = spread(wanted, gaps, box.y1 - 8, box.y0 + 8);
  return labels.map((label, k) => {
    const rows = label.text.split("\n");
    const top = placed[k] + 4 - ((rows.length - 1) * 13) / 2;
    const spans = rows.map((row, r) => {
      const [x, y] = [box.x1 + 8, top + 13 * r].map((v) => v.toFixed(1));
      return `<tspan x="${x}" y="${y}">${escapeText(row)}</tspan>`;
    });
    return `<text class="aab-label ${label.kind}" style="${label.hue}">${spans.join("")}</text>`;
  });
}
