// What opens the chapter on random gradients: the steep slope comes by chance, and Adam walks.

import { againControl } from "./again.js";
import { linearAxis } from "./axes.js";
import { LINE_STYLES } from "./colour.js";
import { chance } from "./draws.js";
import { chartFrame, explorerWidget } from "./explorer.js";
import { mountFilm, PLAYER, tellRound } from "./player.js";
import { rangeControl } from "./range.js";
import { beta2Control } from "./rates.js";
import { fadeScale, listScale } from "./scales.js";
import { Run } from "./simulate.js";
import { drawTracks } from "./tracks.js";
import { counted, decayText, plain, significant } from "./text.js";

const BETA1 = 0.9;

const ALPHA = 0.5;

const MEAN = 0.02; // of the slopes, whatever p

const ROUNDS = 20_000;

const STRIDE = 40; // rounds between two records

// p -> the beta2 below which the stationary drift is positive: `drift.critical` in Python, where a
// test compares them.
export const TURNS = [
  [0.01, 0.999598595],
  [0.015, 0.999390708],
  [0.02, 0.999177798],
  [0.03, 0.998736169],
  [0.05, 0.997783883],
  [0.07, 0.996726891],
  [0.1, 0.994903827],
  [0.15, 0.991008025],
  [0.2, 0.985442564],
  [0.3, 0.961767749],
  [0.4, 0.795090694],
];

const turnAt = (p) => TURNS.find(([known]) => Math.abs(known - p) < 1e-9)?.[1];

// The slope is C with probability p, else -1, and 0.02 on average.
export function slopesOf({ p, seed }) {
  const C = (1 + MEAN) / p - 1;
  return Float64Array.from({ length: ROUNDS }, (_, k) => (chance(seed, k + 1) < p ? C : -1));
}

export function computeCoin(values) {
  const run = new Run({
    method: "adam",
    h: { beta1: BETA1, beta2: values.beta2 },
    problem: { gradients: slopesOf(values), lower: -1, upper: 1 },
    alpha: ALPHA,
    schedule: "inverse_sqrt",
    times: Array.from({ length: ROUNDS / STRIDE }, (_, k) => (k + 1) * STRIDE),
  });
  return { values, run, tasks: [run] };
}

const Y_TICKS = [
  { at: 1, text: "+1 worst" },
  { at: 0, text: "0" },
  { at: -1, text: "−1 best" },
];

function drawCoin({ root }, { values, run }, frame) {
  const points = [[0, 0], ...run.times.map((t, k) => [t, run.xs[k]])];
  const [round, x] = points[Math.floor(frame)];
  drawTracks(root, {
    name: "coin",
    frame,
    right: 52,
    x: linearAxis("round", 0, ROUNDS),
    y: { ...linearAxis("where Adam is, x", -1.08, 1.08), ticks: Y_TICKS },
    sentence:
      `Line plot of Adam's iterate against the round, for draw ${values.seed}: in round ` +
      `${counted(round)} it is at ${plain(x)}, between the best point −1 and the worst +1.`,
    tracks: [{ series: "adam", label: "Adam", style: LINE_STYLES.adam, points }],
  });
  tellRound(root, round);
}

export const EXPLORER = {
  title: "Explorer of a walk by chance",
  traits: ["p", "beta2", "seed"],
  figure: chartFrame("coin") + PLAYER,
  legend: "The slope is 1.02/p − 1 with probability p, else −1: on average 0.02.",
  compute: computeCoin,
  mount: mountFilm({ last: ROUNDS / STRIDE, seconds: 6, steps: 20, draw: drawCoin }),

  controls: () => [
    {
      make: rangeControl,
      name: "p",
      label: "p",
      note: "chance of the steep slope",
      scale: listScale(TURNS.map(([p]) => p)),
      format: significant,
      listed: true,
    },
    beta2Control(fadeScale(4, 40)),
    { make: againControl, name: "seed", label: "New draw" },
  ],

  annotate({ p }) {
    const turn = turnAt(p);
    if (!turn) return {};
    const text = decayText(turn);
    return {
      beta2: {
        marks: [
          { value: turn, text: `${text} turns`, hint: `Set β₂ to ${text}, where Adam turns` },
        ],
        regions: [
          { from: 0, to: turn, verdict: "fails" },
          { from: turn, to: 0.9999, verdict: "fine" },
        ],
      },
    };
  },

  sentences({ values, run }) {
    const turn = turnAt(values.p);
    const x = `<span class="aab-keep">x = ${plain(run.x)}</span>`;
    const ends = `After ${counted(ROUNDS)} rounds of this draw ${x}.`;
    if (!turn || Math.abs(values.beta2 - turn) < 1e-9) return [ends];
    const [verdict, way] =
      values.beta2 < turn
        ? ["fails", "up, to the worst point"]
        : ["fine", "down, to the best point"];
    return [`In the long run Adam goes <strong class="aab-${verdict}">${way}</strong>. ${ends}`];
  },
};

export default explorerWidget(EXPLORER);
