// What opens the chapter on the exact boundary: a period of clipped steps is one clip, and a point
// climbs its stairs.

import { linearAxis } from "./axes.js";
import { LINE_STYLES } from "./colour.js";
import { settledDirections } from "./drift.js";
import { chartFrame, explorerWidget } from "./explorer.js";
import { curvePath } from "./plane.js";
import { mountFilm, PLAYER } from "./player.js";
import { rangeControl } from "./range.js";
import { beta2Control } from "./rates.js";
import { fadeScale, linearScale, logScale } from "./scales.js";
import { drawTracks } from "./tracks.js";
import { counted, decayText, plain, significant } from "./text.js";

// Theorem 2's losses with C = 10, for Adam without momentum.
const GRADIENTS = Float64Array.from({ length: 10 }, (_, k) => (k === 0 ? 10 : -1));

const PERIODS = 40;

// The beta2 at which the drift number is 0: `drift.critical` in Python, where a test compares.
export const TURN = 0.955443072105499;

const within = (x) => Math.min(Math.max(x, -1), 1);

// One settled period of steps: it takes x to clip(x + shift, lower, upper).
export function clipOf({ beta2, alpha }) {
  const directions = settledDirections("adam", { beta1: 0, beta2 }, GRADIENTS);
  const clip = { shift: 0, lower: -1, upper: 1 };
  for (const direction of directions) {
    const step = -alpha * direction;
    clip.shift += step;
    clip.lower = within(clip.lower + step);
    clip.upper = within(clip.upper + step);
  }
  return clip;
}

const applied = ({ shift, lower, upper }, x) => Math.min(Math.max(x + shift, lower), upper);

// Where a point is after each of the periods.
export function stairsOf(clip, x1) {
  const xs = [x1];
  for (let k = 0; k < PERIODS; k++) xs.push(applied(clip, xs.at(-1)));
  return xs;
}

// The walk between the clip and the diagonal, two corners a period.
const corners = (xs) =>
  xs.flatMap((x, k) =>
    k === 0
      ? [[x, -1]]
      : [
          [xs[k - 1], x],
          [x, x],
        ],
  );

const bends = ({ shift, lower, upper }) => [
  [-1, within(lower)],
  [within(lower - shift), lower],
  [within(upper - shift), upper],
  [1, upper],
];

function drawClip({ root }, { clip, xs }, frame) {
  const periods = Math.floor((frame + 1) / 2);
  const [now, level] = [xs[periods], applied(clip, 0)];
  drawTracks(root, {
    name: "clip",
    frame,
    right: 24,
    height: root.clientWidth < 580 ? 300 : 380,
    x: linearAxis("x before the period", -1, 1),
    y: linearAxis("x after it", -1, 1),
    sentence:
      "Line plot of where a period takes x: a line of slope one that is flat at both ends, " +
      `${level > 0 ? "above" : "below"} the diagonal. After ${counted(periods)} periods a point ` +
      `that began at ${plain(xs[0])} is at ${plain(now)}.`,
    behind: (box) =>
      `<path class="aab-axis" d="${curvePath(
        [
          [-1, -1],
          [1, 1],
        ],
        box,
      )}"/>` + `<path class="aab-slope" data-series="clip" d="${curvePath(bends(clip), box)}"/>`,
    tracks: [{ series: "walk", label: "", style: LINE_STYLES.adam, points: corners(xs) }],
  });
  root.querySelector(".aab-when").textContent = `period ${periods}, x = ${plain(now)}`;
}

export const EXPLORER = {
  title: "Explorer of a period that is one clip",
  traits: ["beta2", "alpha", "x1"],
  figure: chartFrame("clip") + PLAYER,
  legend: "Black: where ten steps of Adam, each clipped, take x. Thin: where they would leave it.",
  compute(values) {
    const clip = clipOf(values);
    return { values, clip, xs: stairsOf(clip, values.x1), tasks: [] };
  },
  mount: mountFilm({ last: 2 * PERIODS, seconds: 9, steps: 20, draw: drawClip }),

  controls: () => [
    beta2Control(fadeScale(3, 60)),
    {
      make: rangeControl,
      name: "alpha",
      label: "α",
      note: "step size",
      scale: logScale(0.01, 0.5, 120, 3),
      format: significant,
    },
    {
      make: rangeControl,
      name: "x1",
      label: "x",
      note: "start",
      scale: linearScale(-1, 1, 0.05),
      format: plain,
    },
  ],

  annotate: () => ({
    beta2: {
      marks: [
        {
          value: TURN,
          text: `${decayText(TURN)} D = 0`,
          hint: `Set β₂ to ${decayText(TURN)}, where the drift number is 0`,
        },
      ],
      regions: [
        { from: 0, to: TURN, verdict: "fails" },
        { from: TURN, to: 0.999, verdict: "fine" },
      ],
    },
  }),

  sentences({ values, clip }) {
    const D = clip.shift / values.alpha;
    const [verdict, way, end] =
      D > 0 ? ["fails", "climbs", clip.upper] : ["fine", "falls", clip.lower];
    return [
      `Ten clipped steps are one clip: they add αD = ${plain(clip.shift)}, and stop at ` +
        `${plain(clip.lower)} and ${plain(clip.upper)}. From any start x ` +
        `<strong class="aab-${verdict}">${way}</strong>, to ${plain(end)}.`,
    ];
  },
};

export default explorerWidget(EXPLORER);
