// What opens the chapter on the proof that breaks: the change of the inverse learning rate, one bar
// a round, below zero where it falls.

import { LINE_STYLES } from "./colour.js";
import { divisorsOf } from "./divisors.js";
import { chartFrame, explorerWidget } from "./explorer.js";
import { METHODS } from "./generated/methods.js";
import { rangeControl } from "./range.js";
import { beta2Control } from "./rates.js";
import { countScale, fadeScale } from "./scales.js";
import { point, textAt } from "./svg.js";
import { counted, escapeText, significant } from "./text.js";

const SHOWN = ["adam", "amsgrad"];

const RUNNING_IN = 10; // periods before those that are shown

const PERIODS = 3;

const FIGURE_1 = 101;

// Changes of sqrt(V_t) sqrt(t) over the last periods, for slopes C once in C rounds, else -1.
export function changesOf(method, { beta2, C }) {
  const gradients = Float64Array.from({ length: C }, (_, k) => (k === 0 ? C : -1));
  const rounds = (RUNNING_IN + PERIODS) * C;
  const divisors = divisorsOf(method, beta2, gradients, rounds);
  const inverse = divisors.map((divisor, k) => divisor * Math.sqrt(k + 1));
  const all = inverse.subarray(1).map((w, k) => w - inverse[k]);
  return all.subarray(all.length - PERIODS * C);
}

export const fallsOf = (changes) => changes.filter((change) => change < 0).length;

const root = (value) => Math.sign(value) * Math.sqrt(Math.abs(value));

function drawBars(context, { values, found }) {
  const top = Math.max(...found.flatMap(({ changes }) => [...changes].map(root)), 0);
  const bottom = Math.min(...found.flatMap(({ changes }) => [...changes].map(root)), -top / 8);
  for (const { method, changes } of found) {
    drawChanges(context.root, { method, changes, top, bottom, period: values.C });
  }
}

function drawChanges(page, { method, changes, top, bottom, period }) {
  const svg = page.querySelector(`[data-chart="${method}"]`);
  const width = svg.parentElement.clientWidth;
  if (!width) return; // not laid out yet; the observer will call again
  const height = page.clientWidth < 580 ? 180 : 240;
  const [x0, x1, y0, y1] = [14, width - 4, height - 24, 28];
  const X = (k) => x0 + (k / changes.length) * (x1 - x0);
  const Y = (change) => y0 - ((root(change) - bottom) / (top - bottom)) * (y0 - y1);
  const bar = (change, k) => {
    const [left, right] = [X(k), X(k + 1)];
    const gap = Math.min(2, (right - left) / 4);
    return `M${point(left, Y(0))}V${Y(change).toFixed(1)}H${(right - gap).toFixed(2)}V${Y(0).toFixed(1)}Z`;
  };
  const bars = (wanted) =>
    [...changes].map((change, k) => (wanted(change) ? bar(change, k) : "")).join("");
  const falls = fallsOf(changes);
  const sentence =
    `Bar chart of the change of ${METHODS[method].label}'s inverse learning rate over ` +
    `${PERIODS} periods: ${falls} of ${changes.length} bars are below zero, the lowest is ` +
    `${significant(Math.min(0, ...changes))}.`;
  const rare = [...changes.keys()].filter((k) => k % period === 0);
  svg.setAttribute("viewBox", `0 0 ${width} ${height}`);
  svg.setAttribute("aria-label", sentence);
  svg.innerHTML = [
    `<desc>${escapeText(sentence)}</desc>`,
    `<text class="aab-title aab-label aab-hue" style="${LINE_STYLES[method]}" x="0" y="14">` +
      `${METHODS[method].label}</text>`,
    `<path class="aab-bar-up" data-series="${method}" d="${bars((c) => c >= 0)}"/>`,
    `<path class="aab-bar-down" data-series="${method}-falls" d="${bars((c) => c < 0)}"/>`,
    `<path class="aab-zero" d="M${point(x0, Y(0))}H${x1}"/>`,
    textAt("aab-tick", x0 - 4, Y(0) + 4, "0", "end"),
    ...rare.map((k) => `<path class="aab-axis" d="M${point((X(k) + X(k + 1)) / 2, y0)}v5"/>`),
    textAt("aab-tick", x1, height - 4, "round; ticks: the big slope", "end"),
  ].join("");
}

export const EXPLORER = {
  title: "Explorer of falling inverse learning rates",
  traits: ["beta2", "C"],
  figure: SHOWN.map(chartFrame).join(""),
  legend: "Bars: the change of √V · √t from round to round, drawn by the root of its size.",
  mount: (context) => (result) => drawBars(context, result),

  controls: () => [
    beta2Control(fadeScale(4, 40)),
    {
      make: rangeControl,
      name: "C",
      label: "C",
      note: "slope C once in C rounds, else −1",
      scale: countScale(2, FIGURE_1),
      format: counted,
    },
  ],

  annotate: () => ({
    C: {
      marks: [
        {
          value: FIGURE_1,
          text: `${FIGURE_1} Figure 1`,
          hint: `Set C to ${FIGURE_1}, as in Figure 1 of the paper`,
        },
      ],
    },
  }),

  compute: (values) => ({
    values,
    found: SHOWN.map((method) => ({ method, changes: changesOf(method, values) })),
    tasks: [],
  }),

  sentences({ found }) {
    const [adam, amsgrad] = found.map(({ changes }) => fallsOf(changes));
    const rounds = found[0].changes.length;
    const count = adam ? `${counted(adam)} of ${counted(rounds)} rounds` : "none of these rounds";
    return [
      `Adam's inverse learning rate <strong class="aab-${adam ? "fails" : "fine"}">falls in ` +
        `${count}</strong>; AMSGrad's in ${amsgrad || "none"}.`,
    ];
  },
};

export default explorerWidget(EXPLORER);
