// What opens the chapter on where Adam stops: data on a line, and where three methods end.

import { linearAxis, logAxis } from "./axes.js";
import { LINE_STYLES } from "./colour.js";
import { dataControl } from "./data.js";
import { chance } from "./draws.js";
import { driftNumber } from "./drift.js";
import { chartFrame, explorerWidget } from "./explorer.js";
import { meanDirection, zeroOf } from "./field.js";
import { curvePath, drawPlane, planeAxes } from "./plane.js";
import { beta1Control, beta2Control } from "./rates.js";
import { fadeScale } from "./scales.js";
import { selectControl } from "./select.js";
import { point, textAt } from "./svg.js";
import { plain } from "./text.js";

const LOW = 0;

const HIGH = 10;

const MEMORIES = Array.from({ length: 15 }, (_, k) => 1.1 * (1000 / 1.1) ** (k / 14));

const REACH = 18; // px from which a point is taken

const MOST = 20;

const EPOCHS = 300; // that stand for all reshuffled ones, as in stops.py

const SEED = 1;

const mean = (data) => data.reduce((total, z) => total + z, 0) / data.length;

function median(data) {
  const sorted = [...data].sort((a, b) => a - b);
  return (sorted[(sorted.length - 1) >> 1] + sorted[sorted.length >> 1]) / 2;
}

// Which datum comes when, in epochs that draw without replacement.
const placesOf = (count) =>
  Array.from({ length: EPOCHS }, (_, epoch) => {
    const draws = Array.from({ length: count }, (__, k) => chance(SEED, epoch * count + k + 1));
    return draws.map((__, k) => k).sort((a, b) => draws[a] - draws[b]);
  }).flat();

// The mean of m / sqrt v over epochs in a row, from averages that are those of the data.
function meanOver(places, keepM, keepV, gradients) {
  let m = mean(gradients);
  let v = mean(gradients.map((g) => g * g));
  let total = 0;
  for (const k of places) {
    const g = gradients[k];
    m = keepM * m + (1 - keepM) * g;
    v = keepV * v + (1 - keepV) * g * g;
    if (v > 0) total += m / Math.sqrt(v);
  }
  return total / places.length;
}

// Adam's field, a function of the gradients.
function fieldOf({ data, beta1, beta2, order }) {
  if (order === "fixed") return (gradients) => driftNumber("adam", { beta1, beta2 }, gradients);
  if (order === "reshuffled") {
    const places = placesOf(data.length);
    return (gradients) => -meanOver(places, beta1, beta2, gradients);
  }
  const known = meanDirection(beta1, beta2);
  const chances = data.map(() => 1 / data.length);
  return (gradients) => -known(gradients, chances);
}

// Where Adam rests: the zero of its field between the ends of the data.
export function restOf(values) {
  const { data } = values;
  const [low, high] = [Math.min(...data), Math.max(...data)];
  if (low === high) return low;
  const field = fieldOf(values);
  return zeroOf((x) => field(data.map((z) => x - z)), low, high, 1e-8 * (high - low));
}

export function computeStops(values) {
  const at = (memory) => restOf({ ...values, beta2: 1 - 1 / memory });
  // Where m remembers longer than the root of v, the mean of m / sqrt v may be infinite.
  const path = MEMORIES.filter((memory) => values.beta1 < Math.sqrt(1 - 1 / memory)).map(
    (memory) => [at(memory), memory],
  );
  const { data } = values;
  return { values, path, rest: restOf(values), mean: mean(data), median: median(data), tasks: [] };
}

const X_AXIS = linearAxis("x", LOW, HIGH);

const Y_AXIS = logAxis("memory of squares, 1/(1 − β₂), rounds", 0.12, 1200);

const SHOWN = { ...Y_AXIS, ticks: Y_AXIS.ticks.filter(({ at }) => at >= 1 && at < 2000) };

const DATA_AT = 0.3; // where on the axis of memories the data lie

function drawStops({ root }, { values, path, rest, mean, median }) {
  const here = 1 / (1 - values.beta2);
  const sentence =
    `${values.data.length} data on a line from ${LOW} to ${HIGH}. Their mean is ${plain(mean)}, ` +
    `where SGD stops, their median ${plain(median)}, where sign descent stops; Adam stops at ` +
    `${plain(rest)}. Above, its rest point for every memory of squares.`;
  drawPlane(root, {
    name: "stops",
    sentence,
    x: X_AXIS,
    y: SHOWN,
    height: root.clientWidth < 580 ? 250 : 300,
    inside(box) {
      const mark = (x, text, side) =>
        `<path class="aab-level" d="M${point(box.X(x), box.y0)}V${box.y1}"/>` +
        textAt("aab-label", box.X(x) + 4 * side, box.y1 + 14, text, side > 0 ? "start" : "end");
      const left = mean < median ? 1 : -1;
      const style = `style="${LINE_STYLES.adam}"`;
      const disc = (x, y, size, more) =>
        `<circle cx="${box.X(x).toFixed(1)}" cy="${box.Y(y).toFixed(1)}" r="${size}" ${more}/>`;
      return [
        planeAxes(box, X_AXIS, SHOWN),
        mark(median, "median", left),
        mark(mean, "mean", -left),
        `<path class="aab-line aab-hue" ${style} data-series="adam" d="${curvePath(path, box)}"/>`,
        ...values.data.map((z) => disc(z, DATA_AT, 7, 'class="aab-datum"')),
        disc(rest, here, 8, `class="aab-ball aab-hue" ${style}`),
        `<text class="aab-label aab-hue" ${style} x="${(box.X(rest) + 12).toFixed(1)}" ` +
          `y="${(box.Y(here) + 4).toFixed(1)}">Adam</text>`,
      ].join("");
    },
  });
}

// Points are dragged; a press beside them adds one, a double click takes one away.
function mountStops(context) {
  const { root, change, read } = context;
  const svg = root.querySelector('[data-chart="stops"]');
  let taken = -1;
  const places = () => {
    const { left, right } = svg.getBoundingClientRect();
    const x0 = Math.max(34, 14 + 7 * Math.max(...SHOWN.ticks.map(({ text }) => text.length)));
    const x1 = right - left - 14;
    const round = (x) => +Math.min(Math.max(x, LOW), HIGH).toFixed(2);
    return {
      toX: (px) => round(LOW + ((px - left - x0) / (x1 - x0)) * (HIGH - LOW)),
      toPx: (x) => left + x0 + ((x - LOW) / (HIGH - LOW)) * (x1 - x0),
    };
  };
  const nearest = (data, px, toPx) => {
    const away = data.map((z) => Math.abs(toPx(z) - px));
    const k = away.indexOf(Math.min(...away));
    return away[k] < REACH ? k : -1;
  };
  svg.style.touchAction = "pan-y";
  svg.addEventListener("pointerdown", (event) => {
    if (event.button !== 0) return;
    const { data } = read();
    const { toX, toPx } = places();
    taken = nearest(data, event.clientX, toPx);
    if (taken < 0 && data.length < MOST) {
      taken = data.length;
      change({ data: [...data, toX(event.clientX)] });
    }
    if (taken >= 0) svg.setPointerCapture(event.pointerId);
  });
  svg.addEventListener("pointermove", (event) => {
    if (taken < 0 || !svg.hasPointerCapture(event.pointerId)) return;
    const data = [...read().data];
    data[taken] = places().toX(event.clientX);
    change({ data });
  });
  svg.addEventListener("pointerup", () => (taken = -1));
  svg.addEventListener("dblclick", (event) => {
    const { data } = read();
    const k = nearest(data, event.clientX, places().toPx);
    if (k >= 0 && data.length > 2) change({ data: data.filter((_, j) => j !== k) });
  });
  return (result) => drawStops(context, result);
}

export const EXPLORER = {
  title: "Explorer of where Adam stops",
  traits: ["data", "beta1", "beta2", "order"],
  figure: chartFrame("stops"),
  legend: "Drag a point; press beside them to add one, double-click to remove it.",
  compute: computeStops,
  mount: mountStops,
  annotate: () => ({}),

  controls: () => [
    { make: dataControl, name: "data", label: "Data" },
    beta1Control(fadeScale(1, 20)),
    beta2Control(fadeScale(3, 30)),
    {
      make: selectControl,
      name: "order",
      label: "Order of the data",
      options: [
        ["independent", "drawn independently"],
        ["reshuffled", "each epoch in a new order"],
        ["fixed", "as listed, again and again"],
      ],
    },
  ],

  sentences({ values, rest, mean }) {
    const off = rest - mean;
    const side = Math.abs(off) < 5e-5 ? "at the mean" : `${plain(Math.abs(off))} off the mean`;
    const how = values.order === "reshuffled" ? ` (by ${EPOCHS} epochs of one seed)` : "";
    return [
      `Adam stops at <strong>${plain(rest)}</strong>, ${side}${how}. SGD, AMSGrad and ADOPT stop ` +
        `at the mean of independent data, ${plain(mean)}.`,
    ];
  },
};

export default explorerWidget(EXPLORER);
