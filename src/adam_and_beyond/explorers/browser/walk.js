// What opens the book: Adam and AMSGrad walk on a tilted line, one slider.

import { drawBalls, TILTED, TIMES } from "./balls.js";
import { chartFrame, explorerWidget } from "./explorer.js";
import { mountFilm, PLAYER } from "./player.js";
import { rangeControl } from "./range.js";
import { fadeScale } from "./scales.js";
import { Run } from "./simulate.js";
import { decayText } from "./text.js";
import { alongSlider, hyper, theory } from "./verdict.js";

const BETA1 = 0.9;

const ALPHA = 0.5;

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

const theoryOf = (method, beta2) => theory(method, { beta1: BETA1, beta2 }, TILTED);

export function computeWalk({ beta2 }) {
  const h = hyper({ beta1: BETA1, beta2 });
  const setting = { h, problem: TILTED, alpha: ALPHA, schedule: "inverse_sqrt", times: TIMES };
  const runs = WALKERS.map((method) => new Run({ ...setting, method }));
  return { theories: WALKERS.map((method) => theoryOf(method, beta2)), runs, tasks: runs };
}

const WAYS = {
  fails: '<strong class="aab-fails">Adam walks uphill, to the worst point.</strong>',
  fine: '<strong class="aab-fine">Adam turns round and walks down, to the best point.</strong>',
  open: "<strong>Adam is about to turn round.</strong>",
};

const mountWalk = mountFilm({ last: TIMES.length, seconds: 10, steps: 20, draw: drawBalls });

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
