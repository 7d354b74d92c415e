// Line charts against the step, drawn as SVG text. A series carries its colour and dash.

import { niceTicks, point, spreadLabels, textAt } from "./svg.js";
import { escapeText, short } from "./text.js";

const MARGIN = { top: 34, bottom: 24, left: 46 };

const LABEL_GAP = 15; // least distance between two labels, px

function stepTicks(steps, logarithmic) {
  if (!logarithmic) return niceTicks(0, steps, 4);
  const ticks = [];
  for (let t = 1; t <= steps; t *= 10) ticks.push(t);
  return ticks;
}

// A chart as the inside of an <svg> of the given size. `title` is SVG text; `series`: {name, style,
// label, t, y, low, high}; `levels`: theoretical values {at, text}; `yTicks`: {at, text, note};
// `measure`: the width of a label, px.
export function drawChart(chart) {
  const { id, width, height, title, steps, logarithmic, y, yTicks, series, levels = [] } = chart;
  const texts = [...series.map((s) => s.label), ...levels.map((l) => l.text)];
  const longest = Math.max(...texts.flatMap((text) => text.split("\n")).map(chart.measure));
  const right = Math.min(Math.max(longest + 12, 64), width * 0.4);
  const box = { x0: MARGIN.left, x1: width - right, y0: height - MARGIN.bottom, y1: MARGIN.top };
  const share = logarithmic
    ? (t) => Math.log(Math.max(t, 1)) / Math.log(Math.max(steps, 2))
    : (t) => t / steps;
  const X = (t) => box.x0 + share(t) * (box.x1 - box.x0);
  const Y = (v) => box.y0 - ((v - y.min) / (y.max - y.min)) * (box.y0 - box.y1);
  const parts = [
    `<clipPath id="${id}"><rect x="${box.x0}" y="${box.y1 - 3}" width="${box.x1 - box.x0 + 2}" ` +
      `height="${box.y0 - box.y1 + 6}"/></clipPath>`,
    textAt("aab-title", 0, 13, title),
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
    parts.push(textAt("aab-tick", box.x0 - 6, y + (note ? -1 : 4), text, "end"));
    if (note) parts.push(textAt("aab-note", box.x0 - 6, y + 11, note, "end"));
  }
  parts.push(`<path class="aab-axis" d="M${box.x0},${box.y0}H${box.x1.toFixed(1)}"/>`);
  for (const t of tTicks) {
    parts.push(`<path class="aab-axis" d="M${point(X(t), box.y0)}v4"/>`);
    parts.push(textAt("aab-tick", X(t), box.y0 + 17, short(t), "middle"));
  }
  // Clear of a number that stands right at the end.
  parts.push(textAt("aab-tick", box.x1 + 22, box.y0 + 17, "step t"));
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
  return `<path class="aab-band aab-hue" style="${s.style}" d="M${outline}Z"/>`;
}

function line(s, X, Y) {
  const points = Array.from(s.t, (t, k) => point(X(t), Y(s.y[k]))).join("L");
  const attributes = `class="aab-line aab-hue" data-series="${s.name}" style="${s.style}"`;
  return `<path ${attributes} d="M${points}"/>`;
}

function endLabels(box, Y, series, levels) {
  const inside = (v) => Math.min(Math.max(Y(v), box.y1), box.y0);
  const labels = [
    ...series.map((s) => ({ at: s.y.at(-1), text: s.label, style: s.style, className: "aab-hue" })),
    ...levels.map((l) => ({ ...l, style: "", className: "aab-theory" })),
  ];
  const gaps = labels.map((l) => LABEL_GAP * l.text.split("\n").length);
  const wanted = labels.map((l) => inside(l.at));
  const centres = spreadLabels(wanted, gaps, box.y1 - 8, box.y0 + 8);
  return labels.map((label, k) => {
    const lines = label.text.split("\n");
    const top = centres[k] + 4 - ((lines.length - 1) * 13) / 2;
    const spans = lines.map((text, r) => {
      const [x, y] = [box.x1 + 8, top + 13 * r].map((v) => v.toFixed(1));
      return `<tspan x="${x}" y="${y}">${escapeText(text)}</tspan>`;
    });
    return `<text class="aab-label ${label.className}" style="${label.style}">${spans.join("")}</text>`;
  });
}
