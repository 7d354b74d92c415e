// What opens the chapter on the variants: three programs called AMSGrad, and the factor of each.

import { logAxis } from "./axes.js";
import { LINE_STYLES } from "./colour.js";
import { divisorsOf } from "./divisors.js";
import { chartFrame, explorerWidget } from "./explorer.js";
import { mountFilm, PLAYER, tellRound } from "./player.js";
import { beta2Control } from "./rates.js";
import { fadeScale } from "./scales.js";
import { drawTracks } from "./tracks.js";
import { counted, significant } from "./text.js";

const GRADIENTS = Float64Array.from({ length: 101 }, (_, k) => (k === 0 ? 1010 : -10));

const ROUNDS = 50_000;

const LABELS = { amsgrad: "the paper", amsgrad_torch: "PyTorch", amsgrad_optax: "optax" };

// The rounds that are shown: at equal ratios, once each.
const SHOWN = [...new Set(Array.from({ length: 400 }, (_, k) => Math.round(ROUNDS ** (k / 399))))];

// V^(-1/2) in the rounds that are shown, by method.
export function factorsOf({ beta2 }) {
  const along = (method) => {
    const divisors = divisorsOf(method, beta2, GRADIENTS, ROUNDS);
    return SHOWN.map((round) => 1 / divisors[round - 1]);
  };
  return Object.fromEntries(Object.keys(LABELS).map((method) => [method, along(method)]));
}

// How many times its first value a factor ends at.
const growth = (factor) => factor.at(-1) / factor[0];

const ROUNDING = 1e-9;

function drawRace({ root }, { factors }, frame) {
  const all = Object.values(factors).flat();
  const k = Math.floor(frame);
  const told = Object.entries(LABELS).map(
    ([method, label]) => `${label} ${significant(factors[method][k])}`,
  );
  drawTracks(root, {
    name: "race",
    frame,
    x: logAxis("round", 1, ROUNDS),
    y: logAxis(
      "what a step is multiplied by, 1/√V",
      Math.min(...all) / 1.5,
      Math.max(...all) * 1.5,
    ),
    sentence:
      "Line plot of the factor 1/√V of three programs called AMSGrad against the round, both " +
      `axes logarithmic. In round ${counted(SHOWN[k])}: ${told.join(", ")}.`,
    tracks: Object.entries(LABELS).map(([method, label]) => ({
      series: method,
      label,
      style: LINE_STYLES[method],
      points: SHOWN.map((round, j) => [round, factors[method][j]]),
    })),
  });
  tellRound(root, SHOWN[k]);
}

export const EXPLORER = {
  title: "Explorer of three AMSGrads",
  traits: ["beta2"],
  figure: chartFrame("race") + PLAYER,
  legend: "On the losses of Figure 1. Both axes are logarithmic.",
  controls: () => [beta2Control(fadeScale(4, 40))],
  annotate: () => ({}),
  compute: (values) => ({ factors: factorsOf(values), tasks: [] }),
  mount: mountFilm({ last: SHOWN.length - 1, seconds: 8, steps: 20, draw: drawRace }),

  sentences({ factors }) {
    const grown = growth(factors.amsgrad_torch);
    const torch =
      grown > 1 + ROUNDING
        ? `<strong class="aab-fails">rises again, to ${significant(grown)} times</strong> its start`
        : "stays where it began";
    return [`PyTorch's factor ${torch}. The paper's and optax's never rise.`];
  },
};

export default explorerWidget(EXPLORER);
