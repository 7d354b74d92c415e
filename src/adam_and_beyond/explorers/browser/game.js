// What opens the chapter on regret: stand at a point, and pay beside Adam and AMSGrad.

import { linearAxis } from "./axes.js";
import { LINE_STYLES } from "./colour.js";
import { chartFrame, explorerWidget } from "./explorer.js";
import { METHODS } from "./generated/methods.js";
import { mountFilm, PLAYER, tellRound } from "./player.js";
import { rangeControl } from "./range.js";
import { linearScale } from "./scales.js";
import { Run } from "./simulate.js";
import { drawTracks } from "./tracks.js";
import { counted, plain, significant } from "./text.js";

const GRADIENTS = Float64Array.from({ length: 101 }, (_, k) => (k === 0 ? 1010 : -10));

const RATES = { beta1: 0.9, beta2: 0.99 };

const PLAYERS = ["adam", "amsgrad"];

const FRAMES = 200;

const STRIDE = 10 * GRADIENTS.length; // rounds between two records

const TIMES = Array.from({ length: FRAMES }, (_, k) => (k + 1) * STRIDE);

const ROUNDS = TIMES.at(-1);

const SLOPE = 10 / GRADIENTS.length; // of the losses, on average

// What standing at x costs in a round beyond the best fixed point, -1.
export const costOf = (x) => SLOPE * (x + 1);

export function computeGame(values) {
  const runs = PLAYERS.map(
    (method) =>
      new Run({
        method,
        h: RATES,
        problem: { gradients: GRADIENTS, lower: -1, upper: 1 },
        alpha: 0.5,
        schedule: "inverse_sqrt",
        times: TIMES,
      }),
  );
  return { values, runs, tasks: runs };
}

const regretOf = ({ averageRegret }) => averageRegret.map((average, k) => average * TIMES[k]);

const ended = (run) => run.averageRegret.at(-1);

function drawGame({ root }, { values, runs }, frame) {
  const from0 = (paid) => [[0, 0], ...TIMES.map((t, k) => [t, paid[k]])];
  const yours = TIMES.map((t) => costOf(values.x) * t);
  const round = frame < 1 ? 0 : TIMES[Math.floor(frame) - 1];
  drawTracks(root, {
    name: "game",
    frame,
    x: linearAxis("round", 0, ROUNDS),
    y: linearAxis("paid beyond the best point", -800, 1.05 * ended(runs[0]) * ROUNDS),
    sentence:
      `Line plot of what was paid beyond the best fixed point, over ${counted(ROUNDS)} rounds. ` +
      `Standing at ${plain(values.x)} costs ${counted(yours.at(-1))}; ` +
      runs
        .map((run) => `${METHODS[run.method].label} ${counted(regretOf(run).at(-1))}`)
        .join(", ") +
      ".",
    tracks: [
      { series: "you", label: "you", style: LINE_STYLES.sgd, points: from0(yours) },
      ...runs.map((run) => ({
        series: run.method,
        label: METHODS[run.method].label,
        style: LINE_STYLES[run.method],
        points: from0(regretOf(run)),
      })),
    ],
  });
  tellRound(root, round);
}

export const EXPLORER = {
  title: "Explorer of a game in rounds",
  traits: ["x"],
  figure: chartFrame("game") + PLAYER,
  legend: "In a round you pay slope times x. The slope is 1010 once in 101 rounds, else −10.",
  compute: computeGame,
  mount: mountFilm({ last: FRAMES, seconds: 7, steps: 20, draw: drawGame }),
  annotate: () => ({}),

  controls: () => [
    {
      make: rangeControl,
      name: "x",
      label: "x",
      note: "where you stand",
      scale: linearScale(-1, 1, 0.05),
      format: plain,
    },
  ],

  sentences({ values, runs: [adam, amsgrad] }) {
    const cost = costOf(values.x);
    const yours = cost
      ? `costs ${significant(cost)} a round more than the best point`
      : "is the best that one point can do";
    return [
      `Standing at ${plain(values.x)} ${yours}. Adam pays ` +
        `<strong class="aab-fails">${significant(ended(adam))} a round</strong>, more than ` +
        `standing at the worst point, ${significant(costOf(1))}; AMSGrad ` +
        `${significant(ended(amsgrad))}, and less as time goes on.`,
    ];
  },
};

export default explorerWidget(EXPLORER);
