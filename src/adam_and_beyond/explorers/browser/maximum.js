// What opens the chapter on AMSGrad: the average of squares and its maximum, which never falls.

import { linearAxis } from "./axes.js";
import { LINE_STYLES } from "./colour.js";
import { chartFrame, explorerWidget } from "./explorer.js";
import { RULES } from "./generated/rules.js";
import { mountFilm, PLAYER, tellRound } from "./player.js";
import { beta2Control } from "./rates.js";
import { fadeScale } from "./scales.js";
import { drawTracks } from "./tracks.js";
import { counted, significant } from "./text.js";

const GRADIENTS = Float64Array.from({ length: 101 }, (_, k) => (k === 0 ? 1010 : -10));

const ROUNDS = 8 * GRADIENTS.length;

// Adam divides by the root of its average of squares, AMSGrad by that of the maximum so far; the
// memory of AMSGrad has both.
export function averagesOf({ beta2 }) {
  const rule = RULES.amsgrad;
  const [v, maxima] = ["v", "v_hat"].map((name) => rule.state.indexOf(name));
  const memory = new Float64Array(rule.state.length);
  const [average, maximum] = [new Float64Array(ROUNDS), new Float64Array(ROUNDS)];
  for (let k = 0; k < ROUNDS; k++) {
    rule.step(memory, GRADIENTS[k % GRADIENTS.length], k + 1, { beta1: 0, beta2 });
    average[k] = memory[v];
    maximum[k] = memory[maxima];
  }
  return { average, maximum };
}

export const fallsAlong = (values) => values.subarray(1).filter((v, k) => v < values[k]).length;

const TICKS = [1, 200, 400, 600, 800].map((at) => ({ at, text: String(at) }));

const counts = ({ average, maximum }) => [average, maximum].map(fallsAlong);

function drawAverages({ root }, { average, maximum }, frame) {
  const pointsOf = (values) => [...values].map((value, k) => [k + 1, value]);
  const top = maximum.at(-1) * 1.08;
  const round = Math.floor(frame) + 1;
  const [falling] = counts({ average, maximum });
  drawTracks(root, {
    name: "maximum",
    frame,
    x: { ...linearAxis("round", 1, ROUNDS), ticks: TICKS },
    y: linearAxis("average of squared slopes", 0, top),
    sentence:
      "Line plot of the average of squared slopes and of its maximum so far, over " +
      `${counted(ROUNDS)} rounds: the average falls in ${counted(falling)} of them, the maximum ` +
      `in none. In round ${counted(round)} they are ${significant(average[round - 1])} and ` +
      `${significant(maximum[round - 1])}.`,
    tracks: [
      { series: "adam", label: "average", style: LINE_STYLES.adam, points: pointsOf(average) },
      {
        series: "amsgrad",
        label: "maximum",
        style: LINE_STYLES.amsgrad,
        points: pointsOf(maximum),
      },
    ],
  });
  tellRound(root, round);
}

export const EXPLORER = {
  title: "Explorer of the maximum that never falls",
  traits: ["beta2"],
  figure: chartFrame("maximum") + PLAYER,
  legend: "Adam divides by the root of the average, AMSGrad by the root of the maximum.",
  controls: () => [beta2Control(fadeScale(4, 40))],
  annotate: () => ({}),
  compute: (values) => ({ ...averagesOf(values), tasks: [] }),
  mount: mountFilm({ last: ROUNDS - 1, seconds: 8, steps: 20, draw: drawAverages }),

  sentences(result) {
    const [falling, never] = counts(result);
    return [
      `Adam's average <strong class="aab-fails">falls in ${counted(falling)} of ` +
        `${counted(ROUNDS)} rounds</strong>; its maximum so far, which AMSGrad takes, in ` +
        `${never || "none"}.`,
    ];
  },
};

export default explorerWidget(EXPLORER);
