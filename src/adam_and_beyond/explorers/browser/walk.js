// What opens the book: Adam and AMSGrad walk on a tilted line, one slider.

import { LINE_STYLES } from "./colour.js";
import { chartFrame, explorerWidget } from "./explorer.js";
import { METHODS } from "./generated/methods.js";
import { mountFilm, PLAYER, tellRound } from "./player.js";
import { rangeControl } from "./range.js";
import { fadeScale } from "./scales.js";
import { Run } from "./simulate.js";
import { point, textAt } from "./svg.js";
import { decayText, escapeText, plain } from "./text.js";
import { alongSlider, hyper, theory } from "./verdict.js";

const GRADIENTS = Float64Array.from({ length: 101 }, (_, k) => (k === 0 ? 1010 : -10));

const PROBLEM = { gradients: GRADIENTS, lower: -1, upper: 1 };

const BETA1 = 0.9;

const ALPHA = 0.5;

const PERIODS = 10_000;

const WALKERS = ["adam", "amsgrad"];

const BETA2_SCALE = fadeScale(5, 40);

export const CONTROLS = [
  {
    make: rangeControl,
    name: "beta2",
    label: "β₂",
    note: "how long steep slopes are remembered",
    scale: BETA2_SCALE,
    format: decayText,
  },
];

// Whole rounds of the problem at equal ratios, so that early and late steps are both seen.
export function walkTimes(frames = 300) {
  const periods = Array.from({ length: frames }, (_, k) => PERIODS ** (k / (frames - 1)));
  return [...new Set(periods.map(Math.round))].map((number) => number * GRADIENTS.length);
}

const TIMES = walkTimes();

const theoryOf = (method, beta2) => theory(method, { beta1: BETA1, beta2 }, PROBLEM);

export function computeWalk({ beta2 }) {
  const h = hyper({ beta1: BETA1, beta2 });
  const setting = { h, problem: PROBLEM, alpha: ALPHA, schedule: "inverse_sqrt", times: TIMES };
  const runs = WALKERS.map((method) => new Run({ ...setting, method }));
  return { theories: WALKERS.map((method) => theoryOf(method, beta2)), runs, tasks: runs };
}

// Where a walker is at a frame, which may lie between two records; frame 0 is the start.
function placeAt({ xs }, frame) {
  const at = (k) => (k === 0 ? 0 : xs[k - 1]);
  const k = Math.min(Math.floor(frame), xs.length - 1);
  return at(k) + (frame - k) * (at(k + 1) - at(k));
}

const disc = (x, y, radius) =>
  `M${point(x - radius, y)}a${radius},${radius} 0 1 0 ${2 * radius},0a${radius},${radius} 0 1 0 ${-2 * radius},0Z`;

function drawWalk({ root }, { runs }, frame) {
  const svg = root.querySelector('[data-chart="walk"]');
  const width = svg.parentElement.clientWidth;
  if (!width) return; // not laid out yet; the observer will call again
  const height = width < 580 ? 220 : 280;
  const [left, right, low, high] = [34, width - 34, height - 62, 58];
  const X = (x) => left + ((x + 1) / 2) * (right - left);
  const Y = (x) => low + ((x + 1) / 2) * (high - low);
  const round = frame < 1 ? 0 : TIMES[Math.floor(frame) - 1];
  const places = runs.map((run) => placeAt(run, frame));
  const found = runs.map((run, k) => `${METHODS[run.method].label} at ${plain(places[k])}`);
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
    const [nameX, nameY] = [Math.min(Math.max(x, 40), width - 40), y + (k ? 32 : -22)];
    parts.push(
      `<path class="aab-ball aab-hue" ${style} data-series="${method}" d="${disc(x, y, 12)}"/>`,
      `<text class="aab-label aab-name aab-hue" ${style} text-anchor="middle" ` +
        `x="${nameX.toFixed(1)}" y="${nameY.toFixed(1)}">${METHODS[method].label}</text>`,
    );
  });
  svg.setAttribute("viewBox", `0 0 ${width} ${height}`);
  svg.setAttribute("aria-label", sentence);
  svg.innerHTML = `<desc>${escapeText(sentence)}</desc>${parts.join("")}`;
  tellRound(root, round);
}

const WAYS = {
  fails: '<strong class="aab-fails">Adam walks uphill, to the worst point.</strong>',
  fine: '<strong class="aab-fine">Adam turns round and walks down, to the best point.</strong>',
  open: "<strong>Adam is about to turn round.</strong>",
};

const mountWalk = mountFilm({ last: TIMES.length, seconds: 10, steps: 20, draw: drawWalk });

export const EXPLORER = {
  title: "Explorer of a walk on a tilted line",
  traits: ["beta2"],
  figure: chartFrame("walk") + PLAYER,
  legend: `Along the slider Adam goes
    <span><span class="aab-patch aab-patch-fails"></span> uphill</span>
    <span><span class="aab-patch aab-patch-fine"></span> downhill</span>`,
  controls: () => CONTROLS,
  compute: computeWalk,
  mount: mountWalk,
  sentences: ({ theories: [adam] }) => [`${WAYS[adam.verdict]} AMSGrad walks down.`],

  annotate() {
    const { flips, regions } = alongSlider(BETA2_SCALE, (beta2) => theoryOf("adam", beta2));
    const marks = flips.map((value) => ({
      value,
      text: `${decayText(value)} Adam turns`,
      hint: `Set β₂ to ${decayText(value)}, where Adam turns round`,
    }));
    return { beta2: { marks, regions } };
  },
};

export default explorerWidget(EXPLORER);
