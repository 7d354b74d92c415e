// What opens the chapter on Theorem 6: with enough epsilon Adam turns round on one given problem.

import { drawBalls, TILTED, TIMES } from "./balls.js";
import { chartFrame, explorerWidget } from "./explorer.js";
import { mountFilm, PLAYER } from "./player.js";
import { rangeControl } from "./range.js";
import { logScale } from "./scales.js";
import { Run } from "./simulate.js";
import { counted, significant } from "./text.js";
import { alongSlider, theory } from "./verdict.js";

const RATES = { beta1: 0.9, beta2: 0.99 };

const WALKERS = ["adam", "adam_epsilon"];

const NAMES = { adam_epsilon: "Adam with ε" };

const SCALE = logScale(1, 1e5, 200, 3);

// What epsilon takes from the step the step size gives back, so that walks take as long.
const alphaFor = (epsilon) => 0.5 + epsilon / 50;

const theoryAt = (epsilon) => theory("adam_epsilon", { ...RATES, epsilon }, TILTED);

export function computeRescue({ epsilon }) {
  const runs = WALKERS.map(
    (method) =>
      new Run({
        method,
        h: { ...RATES, epsilon },
        problem: TILTED,
        alpha: method === "adam" ? 0.5 : alphaFor(epsilon),
        schedule: "inverse_sqrt",
        times: TIMES,
      }),
  );
  return { values: { epsilon }, theory: theoryAt(epsilon), runs, names: NAMES, tasks: runs };
}

const WAYS = {
  fails: '<strong class="aab-fails">still walks uphill, to the worst point</strong>',
  fine: '<strong class="aab-fine">turns round and walks down, to the best point</strong>',
  open: "<strong>is about to turn round</strong>",
};

export const EXPLORER = {
  title: "Explorer of what epsilon rescues",
  traits: ["epsilon"],
  figure: chartFrame("walk") + PLAYER,
  legend: `Along the slider Adam with ε goes
    <span><span class="aab-patch aab-patch-fails"></span> uphill</span>
    <span><span class="aab-patch aab-patch-fine"></span> downhill</span>`,
  compute: computeRescue,
  mount: mountFilm({ last: TIMES.length, seconds: 10, steps: 20, draw: drawBalls }),

  controls: () => [
    {
      make: rangeControl,
      name: "epsilon",
      label: "ε",
      note: "added to the root of v",
      scale: SCALE,
      format: significant,
    },
  ],

  annotate() {
    const { flips, regions } = alongSlider(SCALE, theoryAt);
    const marks = flips.map((value) => ({
      value,
      text: `${counted(value)} turns`,
      hint: `Set ε to ${significant(value, 6)}, where Adam turns round`,
    }));
    return { epsilon: { marks, regions } };
  },

  sentences: ({ values, theory: { verdict } }) => [
    `With ε = ${significant(values.epsilon)} Adam ${WAYS[verdict]}. No ε does that on all lines.`,
  ],
};

export default explorerWidget(EXPLORER);
