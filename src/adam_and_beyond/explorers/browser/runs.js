// What the explorers share that show runs against the step: the runs of several methods on a
// problem, a chart of the iterate and beside it one of the average regret, a sentence a method.

import { drawChart } from "./chart.js";
import { LINE_STYLES, swatch } from "./colour.js";
import { chartFrame } from "./explorer.js";
import { METHODS } from "./generated/methods.js";
import { recordTimes, Run } from "./simulate.js";
import { niceTicks } from "./svg.js";
import { counted, escapeText, minus, plain, signed } from "./text.js";
import {
  hyper,
  meanOf,
  runSentence,
  theory,
  theorySentence,
  worstRegret,
  ZERO,
} from "./verdict.js";

const SUB_T = '<tspan class="aab-sub" dy="3">t</tspan>';

export const RUN_CHARTS = chartFrame("x") + chartFrame("regret");

export const verdictLegend = (what) => `${what}
  <span><span class="aab-patch aab-patch-fails"></span> to the worst point</span>
  <span><span class="aab-patch aab-patch-fine"></span> to the best point</span>`;

// The result of an explorer: the runs of the given methods, and what theory says about each.
// `values` are at least {steps, alpha, log_t} and the hyperparameters.
export function computeRuns(values, methods, problem) {
  const { steps, alpha, x1, log_t, schedule = "inverse_sqrt" } = values;
  const times = recordTimes(steps, problem.gradients.length, log_t);
  const h = hyper(values);
  const runs = methods.map((method) => new Run({ method, h, problem, alpha, schedule, x1, times }));
  const theories = methods.map((method) => theory(method, values, problem));
  return { values, problem, theories, runs, tasks: runs };
}

// One sentence per method.
export function runSentences({ values, runs, theories }) {
  const vanishing = values.schedule !== "constant";
  return runs.map((run, k) => {
    const name = `${swatch(run.method)} <b>${escapeText(METHODS[run.method].label)}.</b>`;
    return `${name} ${theorySentence(theories[k], vanishing)} ${runSentence(run)}`;
  });
}

// Both charts; `limitText` names the limit of the average regret where a method fails, and `whole`
// is whether the axis holds the regret of the first rounds.
export function drawRuns({ root, id }, { values, runs, theories, problem }, options) {
  const { limitText, whole } = options;
  const { steps, log_t: logarithmic } = values;
  const height = options.height ?? (root.clientWidth < 580 ? 176 : 236);
  const common = { steps, logarithmic, height };
  const finding = runs
    .map((run) => `${METHODS[run.method].label} is at ${plain(run.x)}`)
    .join(", ");
  const after = `against the step: after ${counted(steps)} steps`;
  drawStepChart(root, "x", `Line plot of the iterate x ${after} ${finding}.`, {
    ...common,
    id: `${id}-cx`,
    title: `iterate x${SUB_T}`,
    y: { min: problem.lower, max: problem.upper },
    yTicks: endTicks(problem),
    series: runs.map((run) => seriesOf(run, run.xs, true)),
  });
  const failing = theories.some((t) => t.verdict === "fails");
  const levels = failing ? [{ at: worstRegret(problem), text: limitText }] : [];
  const series = runs.map((run) => seriesOf(run, run.averageRegret, false));
  const y = regretRange(series, whole ? 0 : steps * (logarithmic ? 0.02 : 0.06), levels);
  const costs = runs
    .map((run) => `${METHODS[run.method].label} ${plain(run.averageRegret.at(-1))}`)
    .join(", ");
  drawStepChart(root, "regret", `Line plot of the average regret ${after} ${costs}.`, {
    ...common,
    id: `${id}-cr`,
    title: `average regret R${SUB_T}<tspan dy="-3"> / t</tspan>`,
    y,
    yTicks: niceTicks(y.min, y.max).map((at) => ({ at, text: minus(at) })),
    series,
    levels,
  });
}

function drawStepChart(root, name, sentence, chart) {
  const svg = root.querySelector(`[data-chart="${name}"]`);
  const width = svg.parentElement.clientWidth;
  if (!width) return; // not laid out yet; the observer will call again
  svg.setAttribute("viewBox", `0 0 ${width} ${chart.height}`);
  svg.setAttribute("aria-label", sentence);
  const measure = labelWidth(root);
  const inside = drawChart({ ...chart, width, measure });
  svg.innerHTML = `<desc>${escapeText(sentence)}</desc>${inside}`;
}

// Labels stand beside the curves, so their width decides how much of a chart is left for these.
const PENCIL = globalThis.document?.createElement("canvas").getContext("2d");

function labelWidth(root) {
  const family = getComputedStyle(root).fontFamily;
  return (text) => {
    PENCIL.font = `600 12px ${family}`;
    return PENCIL.measureText(text).width;
  };
}

// The ends of the interval by what they are worth.
function endTicks({ gradients, lower, upper }) {
  const slope = meanOf(gradients);
  const note = (good) => (Math.abs(slope) < ZERO ? "" : good ? "best" : "worst");
  return [
    { at: upper, text: signed(upper), note: note(slope < 0) },
    { at: (lower + upper) / 2, text: "0" },
    { at: lower, text: signed(lower), note: note(slope > 0) },
  ];
}

// A long run is drawn at whole periods, with the range inside each period behind the line.
function seriesOf(run, y, withBand) {
  const period = run.problem.gradients.length;
  const thinned = run.times.at(-1) > run.times.length;
  let size = run.times.length;
  if (thinned && size > 1 && run.times[size - 1] % period) size -= 1;
  const cut = (array) => array.slice(0, size);
  return {
    name: run.method,
    label: inRows(METHODS[run.method].label),
    style: LINE_STYLES[run.method],
    t: cut(run.times),
    y: cut(y),
    ...(withBand && thinned ? { low: cut(run.low), high: cut(run.high) } : {}),
  };
}

// A label in rows of about 16 letters.
function inRows(text, most = 16) {
  const rows = [""];
  for (const word of text.split(" ")) {
    const longer = rows.at(-1) ? `${rows.at(-1)} ${word}` : word;
    if (longer.length > most && rows.at(-1)) rows.push(word);
    else rows[rows.length - 1] = longer;
  }
  return rows.join("\n");
}

// Where the first rounds' regret is huge and soon forgotten, the axis fits what comes later.
function regretRange(series, from, levels) {
  let top = Math.max(0, ...levels.map((l) => l.at * 1.25));
  let bottom = 0;
  for (const { t, y } of series) {
    for (let k = 0; k < t.length; k++) {
      if (t[k] < from) continue;
      if (y[k] > top) top = y[k];
      if (y[k] < bottom) bottom = y[k];
    }
  }
  if (top === bottom) top = bottom + 1;
  const grain = 10 ** Math.floor(Math.log10(top - bottom)) / 10;
  return { min: Math.floor(bottom / grain) * grain, max: Math.ceil((top * 1.02) / grain) * grain };
}
