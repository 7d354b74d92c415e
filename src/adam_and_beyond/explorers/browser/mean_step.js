// What opens the chapter on Theorem 3: draws by chance, and Adam's step averaged over them.

import { againControl } from "./again.js";
import { linearAxis } from "./axes.js";
import { LINE_STYLES } from "./colour.js";
import { chance } from "./draws.js";
import { chartFrame, explorerWidget } from "./explorer.js";
import { RULES } from "./generated/rules.js";
import { mountFilm, PLAYER, tellRound } from "./player.js";
import { rangeControl } from "./range.js";
import { beta2Control } from "./rates.js";
import { listScale } from "./scales.js";
import { point, textAt } from "./svg.js";
import { counted, plain } from "./text.js";
import { drawTracks } from "./tracks.js";

const BETA1 = 0.9;

const MEAN = 0.1; // of the slopes, whatever C

const ROUNDS = 100_000;

const STRIDE = 500; // rounds between two records

const RATES = [0.5, 0.8, 0.9, 0.95, 0.97, 0.98, 0.99, 0.995, 0.998, 0.999];

// C -> the stationary drift at each of the rates: `drift.stationary` in Python, where a test
// compares them.
export const EXACT = {
  5: [
    0.050373, 0.029998, 0.0057433, -0.012958, -0.022869, -0.028697, -0.035331, -0.039028, -0.041391,
    -0.042205,
  ],
  10: [
    0.14624, 0.11751, 0.061867, 0.02149, 0.0029976, -0.0070543, -0.017993, -0.023932, -0.02769,
    -0.02898,
  ],
  15: [
    0.21402, 0.19009, 0.10945, 0.046872, 0.019545, 0.0055758, -0.0089378, -0.0166, -0.021394,
    -0.023033,
  ],
  20: [
    0.26553, 0.25119, 0.15257, 0.069576, 0.03316, 0.015219, -0.0026572, -0.01182, -0.017489,
    -0.019418,
  ],
  30: [
    0.34013, 0.34741, 0.22751, 0.11139, 0.057158, 0.030974, 0.0064347, -0.0054281, -0.012588,
    -0.015001,
  ],
  50: [
    0.43251, 0.47556, 0.34187, 0.18546, 0.10095, 0.058019, 0.019444, 0.002544, -0.0071135,
    -0.010304,
  ],
  70: [
    0.48991, 0.55759, 0.42419, 0.2486, 0.14209, 0.083711, 0.030185, 0.0081306, -0.0037533,
    -0.0075931,
  ],
  100: [
    0.54644, 0.63801, 0.51204, 0.32638, 0.19896, 0.12156, 0.045349, 0.014837, -0.00025013,
    -0.0049421,
  ],
};

const WHOLE = Object.keys(EXACT).map(Number);

export const exactAt = ({ C, beta2 }) => EXACT[C]?.[RATES.indexOf(beta2)];

// The slope is C with probability 1.1 / (C + 1), else -1.
export function meanStepsOf({ C, beta2, seed }) {
  const p = (1 + MEAN) / (C + 1);
  const rule = RULES.adam;
  const memory = new Float64Array(rule.state.length);
  const h = { beta1: BETA1, beta2 };
  const means = [];
  let sum = 0;
  for (let t = 1; t <= ROUNDS; t++) {
    sum -= rule.step(memory, chance(seed, t) < p ? C : -1, t, h);
    if (t % STRIDE === 0) means.push(sum / t);
  }
  return means;
}

function computeMeanStep(values) {
  return { values, means: meanStepsOf(values), exact: exactAt(values), tasks: [] };
}

function drawMeanStep({ root }, { values, means, exact }, frame) {
  const points = [[0, 0], ...means.map((mean, k) => [(k + 1) * STRIDE, mean])];
  const [round, mean] = points[Math.floor(frame)];
  const largest = Math.max(0.02, ...means.slice(2).map(Math.abs), Math.abs(exact ?? 0)) * 1.25;
  drawTracks(root, {
    name: "mean",
    frame,
    right: 56,
    x: linearAxis("round", 0, ROUNDS),
    y: linearAxis("mean of Adam's steps so far", -largest, largest),
    sentence:
      `Line plot of the mean of Adam's steps against the round, for draw ${values.seed}: after ` +
      `${counted(round)} rounds it is ${plain(mean)}; above 0 is away from the best point.`,
    behind: (box) => {
      const [x0, x1, zero] = [box.x0.toFixed(1), box.x1.toFixed(1), box.Y(0)];
      const level = exact === undefined ? 0 : box.Y(exact);
      return [
        `<path class="aab-area-fails" d="M${x0},${box.y1}H${x1}V${zero.toFixed(1)}H${x0}Z"/>`,
        `<path class="aab-area-fine" d="M${x0},${box.y0}H${x1}V${zero.toFixed(1)}H${x0}Z"/>`,
        `<path class="aab-zero" d="M${point(box.x0, zero)}H${x1}"/>`,
        textAt("aab-tick", box.x1 - 8, box.y1 + 18, "away from the best point", "end"),
        textAt("aab-tick", box.x1 - 8, box.y0 - 8, "towards the best point", "end"),
        exact === undefined
          ? ""
          : `<path class="aab-level" stroke-dasharray="4 3" d="M${point(box.x0, level)}H${x1}"/>`,
      ].join("");
    },
    tracks: [{ series: "adam", label: "Adam", style: LINE_STYLES.adam, points }],
  });
  tellRound(root, round);
}

export const EXPLORER = {
  title: "Explorer of Adam's step by chance",
  traits: ["C", "beta2", "seed"],
  figure: chartFrame("mean") + PLAYER,
  legend: "The slope is C with probability 1.1/(C + 1), else −1: on average 0.1. Dashed: exact.",
  compute: computeMeanStep,
  mount: mountFilm({ last: ROUNDS / STRIDE, seconds: 6, steps: 20, draw: drawMeanStep }),

  controls: () => [
    {
      make: rangeControl,
      name: "C",
      label: "C",
      note: "the steep slope",
      scale: listScale(WHOLE),
      format: counted,
      listed: true,
    },
    { ...beta2Control(listScale(RATES)), listed: true },
    { make: againControl, name: "seed", label: "New draw" },
  ],

  annotate({ C }) {
    const exact = EXACT[C];
    if (!exact) return {};
    const between = (k) => (RATES[k - 1] + RATES[k]) / 2;
    const regions = RATES.map((rate, k) => ({
      from: k ? between(k) : rate,
      to: k + 1 < RATES.length ? between(k + 1) : rate,
      verdict: exact[k] > 0 ? "fails" : "fine",
    }));
    return { beta2: { regions } };
  },

  sentences({ means, exact }) {
    const ends = `After ${counted(ROUNDS)} rounds of this draw their mean is ${plain(means.at(-1))}`;
    if (exact === undefined) return [`${ends}.`];
    const [verdict, way] =
      exact > 0 ? ["fails", "away from the best point"] : ["fine", "towards the best point"];
    return [
      `On average Adam steps <strong class="aab-${verdict}">${way}</strong>. ${ends}, in the ` +
        `long run ${plain(exact)}.`,
    ];
  },
};

export default explorerWidget(EXPLORER);
