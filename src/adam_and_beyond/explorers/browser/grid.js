// The explorer of a stored grid of training runs: a measure against alpha for every method, and at
// one alpha against the step. Nothing is trained here; the numbers come with the page.

import { linearAxis, logAxis } from "./axes.js";
import { checksControl } from "./checks.js";
import { LINE_STYLES } from "./colour.js";
import { chartFrame, explorerWidget } from "./explorer.js";
import { METHODS } from "./generated/methods.js";
import { curvePath, drawPlane, planeAxes } from "./plane.js";
import { rangeControl } from "./range.js";
import { listScale } from "./scales.js";
import { selectControl } from "./select.js";
import { clipPathOf, point, dot, spreadLabels } from "./svg.js";
import { counted, escapeText, significant } from "./text.js";
import { toggleControl } from "./toggle.js";

// What to look for.
const LOOK_FOR = {
  best:
    "Left: how deep is each method's valley, and how wide? Deep means good at its best α, wide " +
    "means that α hardly matters. Move α to give all the same.",
  same: "Move α: which method suffers first when the steps are too small, which when too large?",
};

const MEASURES = {
  train_loss: { text: "train loss", loss: true },
  test_loss: { text: "test loss", loss: true },
  test_accuracy: { text: "test accuracy", loss: false },
};

const alphasOf = (data) => [...new Set(data.runs.map((run) => run.alpha))].sort((a, b) => a - b);

// The chosen methods' runs, of the chosen beta2 where they have one.
const chosenRuns = ({ data, methods, beta2 }) =>
  data.runs.filter(
    (run) => methods.includes(run.method) && (run.beta2 === null || run.beta2 === beta2),
  );

// A measure is [means, least, largest] over the seeds, one value a record; null if a run stopped.
const lastOf = (run, measure) => run[measure].map((values) => values.at(-1));

const better = (measure, a, b) => (MEASURES[measure].loss ? a < b : a > b);

// A method's run with the best train loss at the end: test measures are never chosen by.
function bestRun(runs, method) {
  let best = null;
  for (const run of runs) {
    const mean = lastOf(run, "train_loss")[0];
    if (run.method !== method || mean === null) continue;
    if (!best || mean < lastOf(best, "train_loss")[0]) best = run;
  }
  return best;
}

// What stands in the right chart: each method at the chosen alpha, or at its best one.
function shownRuns(values) {
  const runs = chosenRuns(values);
  const named = values.data.methods.filter((name) => values.methods.includes(name));
  const at = (method) => runs.find((r) => r.method === method && near(r.alpha, values.alpha));
  return named.map((method) => (values.best ? bestRun(runs, method) : at(method))).filter(Boolean);
}

const near = (a, b) => Math.abs(Math.log(a / b)) < 1e-6;

// An axis that holds the given means, logarithmic where losses differ much; what is a hundred times
// the best loss, or has four times as many errors, is out of the picture.
function measureAxis(measure, means) {
  const known = means.filter((value) => value !== null);
  const [least, most] = [Math.min(...known), Math.max(...known)];
  const { text, loss } = MEASURES[measure];
  if (loss) {
    const [start, end] = [least / 1.05, Math.min(most, 100 * least) * 1.05];
    const wide = end > 8 * start;
    return wide ? logAxis(text, start, end, significant) : linearAxis(text, start, end);
  }
  const low = Math.max(least, 1 - 4 * (1 - most)) - 0.002;
  return linearAxis(text, low, Math.min(most + 0.002, 1));
}

function bandPath(points, box) {
  const known = points.filter(([, low, high]) => low !== null && high !== null);
  if (known.length < 2) return "";
  const up = known.map(([x, , high]) => point(box.X(x), box.Y(high)));
  const down = known.map(([x, low]) => point(box.X(x), box.Y(low))).reverse();
  return `M${[...up, ...down].join("L")}Z`;
}

// Curves with their bands: `curves` are {method, points: [x, mean, low, high]}.
function drawCurves(curves, box, id, labelled) {
  const parts = [clipPathOf(id, box), `<g clip-path="url(#${id})">`];
  for (const { method, points } of curves) {
    const ranges = points.map(([x, , low, high]) => [x, low, high]);
    const style = `style="${LINE_STYLES[method]}"`;
    parts.push(
      `<path class="aab-band aab-hue" ${style} d="${bandPath(ranges, box)}"/>`,
      `<path class="aab-line aab-hue" ${style} data-series="${method}" ` +
        `d="${curvePath(points, box)}"/>`,
    );
  }
  parts.push("</g>");
  if (labelled) parts.push(...curveLabels(curves, box));
  return parts.join("");
}

function curveLabels(curves, box) {
  const ends = curves
    .map(({ method, points }) => ({ method, y: points.findLast(([, mean]) => mean !== null)?.[1] }))
    .filter(({ y }) => y !== undefined);
  const within = (y) => Math.min(Math.max(box.Y(y), box.y1), box.y0);
  const rows = spreadLabels(
    ends.map(({ y }) => within(y)),
    ends.map(() => 15),
    box.y1,
    box.y0,
  );
  return ends.map(({ method }, k) => {
    const at = `x="${(box.x1 + 8).toFixed(1)}" y="${(rows[k] + 4).toFixed(1)}"`;
    const label = escapeText(METHODS[method].label);
    return `<text class="aab-label aab-hue" style="${LINE_STYLES[method]}" ${at}>${label}</text>`;
  });
}

function drawGrid({ root, id }, { values }) {
  const { data, measure, alpha, best } = values;
  const height = root.clientWidth < 580 ? 240 : 290;
  const runs = chosenRuns(values);
  const named = data.methods.filter((name) => values.methods.includes(name));
  const against = named.map((method) => ({
    method,
    points: runs
      .filter((run) => run.method === method)
      .sort((a, b) => a.alpha - b.alpha)
      .map((run) => [run.alpha, ...lastOf(run, measure)]),
  }));
  const alphas = alphasOf(data);
  const x = logAxis("α", alphas[0] / 1.1, alphas.at(-1) * 1.1, significant);
  const y = measureAxis(
    measure,
    against.flatMap(({ points }) => points.map((p) => p[1])),
  );
  const shown = shownRuns(values);
  const sentence = resultSentence(values, shown);
  drawPlane(root, {
    name: "grid",
    x,
    y,
    height,
    right: 14,
    sentence: `Line plot of the ${y.title} after all steps against alpha. ${sentence}`,
    inside: (box) =>
      drawCurves(against, box, `${id}-cg`, false) +
      planeAxes(box, x, y) +
      (best
        ? shown.map((run) => dotAt(box, run.alpha, lastOf(run, measure)[0])).join("")
        : `<path class="aab-cross" d="M${point(box.X(alpha), box.y0)}V${box.y1}"/>`),
  });
  drawSteps({ root, id, height, sentence, values, shown });
}

const dotAt = (box, x, y) => (box.Y(y) >= box.y1 ? dot(box.X(x), box.Y(y)) : "");

function drawSteps({ root, id, height, sentence, values, shown }) {
  const { data, measure } = values;
  const curves = shown.map((run) => ({
    method: run.method,
    points: data.steps.map((t, k) => [t, ...run[measure].map((band) => band[k])]),
  }));
  const means = curves.flatMap(({ points }) => points.map((p) => p[1]));
  const y = measureAxis(measure, means.length ? means : [0.5, 1]);
  const x = linearAxis("step t", 0, data.steps.at(-1));
  drawPlane(root, {
    name: "steps",
    x,
    y,
    height,
    right: 84,
    sentence: `Line plot of the ${y.title} against the step. ${sentence}`,
    inside: (box) => drawCurves(curves, box, `${id}-cs`, true) + planeAxes(box, x, y),
  });
}

function resultSentence(values, shown) {
  const { measure, best, alpha, data } = values;
  const where = best ? "each method at its best α" : `α = ${significant(alpha)}`;
  const found = shown
    .map((run) => ({ run, end: lastOf(run, measure) }))
    .filter(({ end }) => end[0] !== null)
    .sort((a, b) => (better(measure, a.end[0], b.end[0]) ? -1 : 1))
    .map(({ run, end }) => {
      const own = best ? ` (α = ${significant(run.alpha)})` : "";
      return `${METHODS[run.method].label} ${significant(end[0], 4)}${own}`;
    });
  const { text } = MEASURES[measure];
  const list = found.length ? found.join(", ") : "no run has this α";
  return `After ${counted(data.steps.at(-1))} steps, ${where}, ${text}: ${list}.`;
}

export const EXPLORER = {
  title: "Explorer of the stored grid",
  traits: ["methods", "beta2", "alpha", "best", "measure", "data"],
  figure: chartFrame("grid") + chartFrame("steps"),
  legend: "Lines: mean over the seeds; shaded: their range. Circles: the best α by train loss.",
  compute: (values) => ({ values, tasks: [] }),
  mount: (context) => (result) => drawGrid(context, result),
  sentences: ({ values }) => [
    escapeText(resultSentence(values, shownRuns(values))),
    values.best ? LOOK_FOR.best : LOOK_FOR.same,
  ],

  controls(get) {
    const data = get("data");
    const betas = [...new Set(data.runs.map((run) => run.beta2))].filter((b) => b !== null);
    return [
      {
        make: rangeControl,
        name: "alpha",
        label: "α",
        note: "the same for all",
        scale: listScale(alphasOf(data)),
        format: (v) => significant(v, 4),
        listed: true,
        also: { best: false },
      },
      { make: toggleControl, name: "best", label: "each method at its best α" },
      {
        make: selectControl,
        name: "measure",
        label: "show",
        options: Object.entries(MEASURES).map(([name, { text }]) => [name, text]),
      },
      {
        make: selectControl,
        name: "beta2",
        label: "β₂",
        read: Number,
        options: betas.map((value) => [value, String(value)]),
      },
      {
        make: checksControl,
        name: "methods",
        label: "methods",
        methods: data.methods,
      },
    ];
  },

  annotate: () => ({}),
};

export default explorerWidget(EXPLORER);
