// Balls on a tilted line, that walk as methods do on the problem of the paper's Figure 1.

import { LINE_STYLES } from "./colour.js";
import { METHODS } from "./generated/methods.js";
import { tellRound } from "./player.js";
import { point, textAt } from "./svg.js";
import { escapeText, plain } from "./text.js";

export const TILTED = {
  gradients: Float64Array.from({ length: 101 }, (_, k) => (k === 0 ? 1010 : -10)),
  lower: -1,
  upper: 1,
};

const PERIODS = 10_000;

// Whole rounds of the problem at equal ratios, so that early and late steps are both seen.
export function walkTimes(frames = 300) {
  const periods = Array.from({ length: frames }, (_, k) => PERIODS ** (k / (frames - 1)));
  return [...new Set(periods.map(Math.round))].map((number) => number * TILTED.gradients.length);
}

export const TIMES = walkTimes();

// Where a walker is at a frame, which may lie between two records; frame 0 is the start.
function placeAt({ xs }, frame) {
  const at = (k) => (k === 0 ? 0 : xs[k - 1]);
  const k = Math.min(Math.floor(frame), xs.length - 1);
  return at(k) + (frame - k) * (at(k + 1) - at(k));
}

const disc = (x, y, radius) =>
  `M${point(x - radius, y)}a${radius},${radius} 0 1 0 ${2 * radius},0a${radius},${radius} 0 1 0 ${-2 * radius},0Z`;

// Draws a frame of the walks: one ball a run, those after the first named below the line; `names`
// are those of methods that are called otherwise here.
export function drawBalls({ root }, { runs, names = {} }, frame) {
  const svg = root.querySelector('[data-chart="walk"]');
  const width = svg.parentElement.clientWidth;
  if (!width) return; // not laid out yet; the observer will call again
  const height = width < 580 ? 220 : 280;
  const [left, right, low, high] = [34, width - 34, height - 62, 58];
  const X = (x) => left + ((x + 1) / 2) * (right - left);
  const Y = (x) => low + ((x + 1) / 2) * (high - low);
  const round = frame < 1 ? 0 : TIMES[Math.floor(frame) - 1];
  const places = runs.map((run) => placeAt(run, frame));
  const called = runs.map(({ method }) => names[method] ?? METHODS[method].label);
  const found = called.map((name, k) => `${name} at ${plain(places[k])}`);
  const sentence =
    "A straight line that rises to the right, from the best point at −1 to the worst at +1, and " +
    `two balls on it. After ${round} steps: ${found.join(", ")}.`;
  const line = `M${point(left, low)}L${point(right, high)}`;
  const parts = [
    `<path class="aab-hill" d="${line}V${height - 26}H${left}Z"/>`,
    `<path class="aab-slope" d="${line}"/>`,
    textAt("aab-end", left - 20, height - 8, "the best point"),
    textAt("aab-end", right + 20, height - 8, "the worst point", "end"),
  ];
  // The last drawn lies on top; names stand on the two sides of the line.
  runs.forEach(({ method }, k) => {
    const [x, y] = [X(places[k]), Y(places[k])];
    const style = `style="${LINE_STYLES[method]}"`;
    const half = Math.max(40, 5 * called[k].length);
    const [nameX, nameY] = [Math.min(Math.max(x, half), width - half), y + (k ? 32 : -22)];
    parts.push(
      `<path class="aab-ball aab-hue" ${style} data-series="${method}" d="${disc(x, y, 12)}"/>`,
      `<text class="aab-label aab-name aab-hue" ${style} text-anchor="middle" ` +
        `x="${nameX.toFixed(1)}" y="${nameY.toFixed(1)}">${called[k]}</text>`,
    );
  });
  svg.setAttribute("viewBox", `0 0 ${width} ${height}`);
  svg.setAttribute("aria-label", sentence);
  svg.innerHTML = `<desc>${escapeText(sentence)}</desc>${parts.join("")}`;
  tellRound(root, round);
}
