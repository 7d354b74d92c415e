// What opens the chapter on CIFARNET: stored learning curves of two methods, and their difference
// up to where one stops. Nothing is trained here; the numbers come with the page.

import { linearAxis, logAxis } from "./axes.js";
import { LINE_STYLES } from "./colour.js";
import { chartFrame, explorerWidget } from "./explorer.js";
import { METHODS } from "./generated/methods.js";
import { curvePath, drawPlane, planeAxes } from "./plane.js";
import { rangeControl } from "./range.js";
import { listScale } from "./scales.js";
import { selectControl } from "./select.js";
import { dot, point } from "./svg.js";
import { counted, escapeText, plain, significant } from "./text.js";

const MEASURES = {
  train_loss: "train loss",
  test_loss: "test loss",
  test_accuracy: "test accuracy",
};

const MOST_AVERAGED = 8;

const mean = (values) => values.reduce((sum, value) => sum + value, 0) / values.length;

// Each record the mean of the `last` up to it, or of as many as there are.
const smoothed = (values, last) =>
  values.map((_, k) => mean(values.slice(Math.max(k - last + 1, 0), k + 1)));

// What a method's seeds say at each record: {mean, low, high}, low and high their range.
const rangesOf = (seeds) =>
  seeds[0].map((_, k) => {
    const at = seeds.map((values) => values[k]);
    return { mean: mean(at), low: Math.min(...at), high: Math.max(...at) };
  });

// The differences of the seeds at each record, with Student's interval for their mean.
const differencesOf = ([first, second], factor) =>
  first[0].map((_, k) => {
    const seeds = first.map((values, seed) => values[k] - second[seed][k]);
    const middle = mean(seeds);
    const square = seeds.reduce((sum, d) => sum + (d - middle) ** 2, 0) / (seeds.length - 1);
    const half = factor * Math.sqrt(square);
    return { seeds, mean: middle, low: middle - half, high: middle + half };
  });

export function compareCurves({ data, pair, measure, stop, last }) {
  const names = pair.split("-");
  const seeds = names.map((name) =>
    data.curves[measure][name].map((values) => smoothed(values, last)),
  );
  return {
    names,
    stop: Math.max(data.steps.indexOf(stop), 0),
    curves: seeds.map(rangesOf),
    differences: differencesOf(seeds, data.factor),
  };
}

// +1 where the interval of a difference lies above zero, -1 where below, 0 where it holds zero.
const sideOf = ({ low, high }) => (low > 0) - (high < 0);

const labelOf = (name) => METHODS[name].label;

const bandOf = (steps, ranges, box) => {
  const up = ranges.map(({ high }, k) => point(box.X(steps[k]), box.Y(high)));
  const down = ranges.map(({ low }, k) => point(box.X(steps[k]), box.Y(low))).reverse();
  return `M${[...up, ...down].join("L")}Z`;
};

const stepAxis = (steps) => linearAxis("step t", 0, steps.at(-1));

// What is beyond the stop is not looked at yet: it stands back.
function curtain(box, step) {
  const x = box.X(step);
  const width = Math.max(box.x1 - x, 0).toFixed(1);
  const height = box.y0 - box.y1;
  return (
    `<rect class="aab-paper-area" x="${x.toFixed(1)}" y="${box.y1}" width="${width}" height="${height}"/>` +
    `<path class="aab-cross" d="M${point(x, box.y0)}V${box.y1}"/>`
  );
}

function lossAxis(title, ranges) {
  const least = Math.min(...ranges.map(({ low }) => low));
  const most = Math.max(...ranges.map(({ high }) => high));
  const wide = least > 0 && most > 8 * least;
  const room = (most - least) / 20;
  return wide
    ? logAxis(title, least / 1.05, most * 1.05, significant)
    : linearAxis(title, least - room, most + room);
}

function drawBoth({ root }, { values, found }) {
  const { data, measure } = values;
  const plane = { x: stepAxis(data.steps), height: root.clientWidth < 580 ? 200 : 270 };
  const shown = {
    root,
    steps: data.steps,
    found,
    plane,
    sentence: verdictOf({ values, found })[0],
  };
  drawCurvePair(shown, lossAxis(MEASURES[measure], found.curves.flat()));
  drawDifference(shown, `${labelOf(found.names[0])} − ${labelOf(found.names[1])}`);
}

function drawCurvePair({ root, steps, found, plane, sentence }, y) {
  const { names, curves, stop } = found;
  const pen = (k) => `style="${LINE_STYLES[names[k]]}"`;
  drawPlane(root, {
    ...plane,
    name: "curves",
    y,
    sentence: `Line plot of the ${y.title} against the step. ${plainText(sentence)}`,
    inside(box) {
      // Where no curve is: above on the right where they fall, below where they rise.
      const falling = curves[0].at(-1).mean < curves[0][0].mean;
      const row = (k) => (falling ? box.y1 + 18 + 17 * k : box.y0 - 27 + 17 * k);
      const line = (ranges) =>
        curvePath(
          ranges.map((r, j) => [steps[j], r.mean]),
          box,
        );
      return [
        ...curves.map(
          (r, k) => `<path class="aab-band aab-hue" ${pen(k)} d="${bandOf(steps, r, box)}"/>`,
        ),
        ...curves.map(
          (r, k) =>
            `<path class="aab-line aab-hue" ${pen(k)} data-series="${names[k]}" d="${line(r)}"/>`,
        ),
        curtain(box, steps[stop]),
        planeAxes(box, plane.x, y),
        ...curves.map((ranges) => dot(box.X(steps[stop]), box.Y(ranges[stop].mean))),
        ...names.map(
          (name, k) =>
            `<text class="aab-label aab-hue aab-over" ${pen(k)} text-anchor="end" ` +
            `x="${(box.x1 - 8).toFixed(1)}" y="${row(k)}">${escapeText(labelOf(name))}</text>`,
        ),
      ].join("");
    },
  });
}

function drawDifference({ root, steps, found, plane, sentence }, title) {
  const { differences, stop } = found;
  // Wide intervals of few seeds would flatten all the rest: they are cut.
  const most = 1.6 * Math.max(...differences.flatMap((d) => d.seeds.map(Math.abs)));
  const cut = (value) => Math.min(Math.max(value, -most), most);
  const within = differences.map((d) => ({ low: cut(d.low), high: cut(d.high) }));
  const low = Math.min(0, ...within.map((d) => d.low));
  const high = Math.max(0, ...within.map((d) => d.high));
  const room = (high - low) / 20;
  const y = linearAxis(title, low - room, high + room);
  drawPlane(root, {
    ...plane,
    name: "difference",
    y,
    sentence: `Line plot of the difference, with its interval, against the step. ${plainText(sentence)}`,
    inside(box) {
      const x = box.X(steps[stop]);
      const here = within[stop];
      return [
        `<path class="aab-interval" d="${bandOf(steps, within, box)}"/>`,
        `<path class="aab-boundary" data-series="difference" ` +
          `d="${curvePath(
            differences.map((d, k) => [steps[k], d.mean]),
            box,
          )}"/>`,
        curtain(box, steps[stop]),
        `<path class="aab-level" d="M${point(box.x0, box.Y(0))}H${box.x1.toFixed(1)}"/>`,
        planeAxes(box, plane.x, y),
        `<path class="aab-span" d="M${point(x, box.Y(here.low))}V${box.Y(here.high).toFixed(1)}"/>`,
        ...differences[stop].seeds.map(
          (d) => `<path class="aab-zero" d="M${point(x - 5, box.Y(d))}h10"/>`,
        ),
        dot(x, box.Y(differences[stop].mean)),
      ].join("");
    },
  });
}

const plainText = (html) => html.replace(/<[^>]*>/g, "");

const signedPlain = (value) => (value > 0 ? `+${plain(value)}` : plain(value));

// What is found at the stop, and how much it hangs on the stop.
function verdictOf({ values, found }) {
  const { names, curves, differences, stop } = found;
  const [first, second] = names.map(labelOf);
  const here = differences[stop];
  const count = here.seeds.length;
  const lower = here.seeds.filter((d) => d < 0).length;
  const side = sideOf(here);
  const leader = side < 0 ? first : second;
  const answer = side
    ? `Lower: <strong class="aab-fine">${escapeText(leader)}</strong>`
    : `<strong class="aab-fails">${count} seeds can't tell them apart</strong>`;
  const ends = names.map((name, k) => `${significant(curves[k][stop].mean, 4)} (${labelOf(name)})`);
  const when = `After ${counted(values.data.steps[stop])} steps`;
  return [
    `${when}, ${MEASURES[values.measure]}: ${escapeText(ends.join(" against "))}. ${answer}; difference ` +
      `${signedPlain(here.mean)} in [${signedPlain(here.low)}, ${signedPlain(here.high)}], ` +
      `${escapeText(first)} lower with ${lower} of ${count} seeds.`,
    hangsOn(differences),
  ];
}

function hangsOn(differences) {
  const sides = differences.map(sideOf);
  const at = (side) => sides.filter((one) => one === side).length;
  const signs = differences.map((d) => Math.sign(d.mean));
  const turns = signs.filter((sign, k) => k > 0 && sign !== signs[k - 1]).length;
  return (
    `Of ${sides.length} places to stop, the interval leaves out zero at ${at(-1) + at(1)}: ` +
    `${at(-1)} times below, ${at(1)} times above. The mean ` +
    `difference changes sign ${turns === 1 ? "once" : `${turns} times`}.`
  );
}

export const EXPLORER = {
  title: "Explorer of learning curves",
  traits: ["pair", "measure", "stop", "last", "data"],
  figure: chartFrame("curves") + chartFrame("difference"),
  legend:
    "Lines: means over the seeds. Shaded: left their range, right Student's 95 % for the mean " +
    "difference, each place by itself.",
  compute: (values) => ({ values, found: compareCurves(values), tasks: [] }),
  mount: (context) => (result) => drawBoth(context, result),
  sentences: verdictOf,
  annotate: () => ({}),

  controls(get) {
    const data = get("data");
    const texts = data.pairs.map((pair) => [pair, pair.split("-").map(labelOf).join(" and ")]);
    return [
      {
        make: rangeControl,
        name: "stop",
        label: "stop",
        note: "after so many steps",
        scale: listScale(data.steps),
        format: counted,
        listed: true,
      },
      { make: selectControl, name: "pair", label: "compare", options: texts },
      { make: selectControl, name: "measure", label: "by", options: Object.entries(MEASURES) },
      {
        make: rangeControl,
        name: "last",
        label: "n",
        note: "records averaged",
        scale: listScale(Array.from({ length: MOST_AVERAGED }, (_, k) => k + 1)),
        format: String,
        listed: true,
        more: true,
      },
    ];
  },
};

export default explorerWidget(EXPLORER);
