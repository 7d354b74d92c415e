// The explorer of Theorem 1: slopes C, -1, -1 for ever, one method.

import { explorerWidget } from "./explorer.js";
import { METHODS } from "./generated/methods.js";
import { rangeControl } from "./range.js";
import { beta1Control, beta2Control } from "./rates.js";
import { computeRuns, drawRuns, RUN_CHARTS, runSentences, verdictLegend } from "./runs.js";
import { linearScale, logScale } from "./scales.js";
import { selectControl } from "./select.js";
import { counted, minus, significant } from "./text.js";
import { toggleControl } from "./toggle.js";
import { alongSlider, takes, theory } from "./verdict.js";

const C_SCALE = logScale(1, 100, 200, 3);

const BETA_SCALE = linearScale(0, 0.995, 0.005);

export const CONTROLS = [
  beta2Control(BETA_SCALE),
  {
    make: rangeControl,
    name: "C",
    label: "C",
    note: "slope of every third loss",
    scale: C_SCALE,
    format: (v) => significant(v, 4),
  },
  {
    make: selectControl,
    name: "method",
    label: "method",
    options: Object.entries(METHODS).map(([name, { label }]) => [name, label]),
  },
  { ...beta1Control(BETA_SCALE), more: true },
  {
    make: rangeControl,
    more: true,
    name: "alpha",
    label: "α",
    note: "step size is α/√t",
    scale: logScale(0.001, 10, 240, 3),
    format: (v) => significant(v, 4),
  },
  {
    make: rangeControl,
    more: true,
    name: "steps",
    label: "T",
    note: "number of steps",
    scale: logScale(10, 100000, 240, 2),
    format: counted,
  },
  {
    make: rangeControl,
    more: true,
    name: "x1",
    label: "x₁",
    note: "where the run starts",
    scale: linearScale(-1, 1, 0.05),
    format: (v) => minus(significant(v)),
  },
  { make: toggleControl, more: true, name: "log_t", label: "logarithmic step axis" },
];

export const problemOf = ({ C }) => ({ gradients: [C, -1, -1], lower: -1, upper: 1 });

// The marks of one slider, in order: where the verdict flips, and the value that the paper prints.
function notesOf(name, values, paper) {
  const { method } = values;
  const { label, scale, format } = CONTROLS.find((spec) => spec.name === name);
  const lacking = name !== "C" && !takes(method, name);
  if (lacking) return { disabled: `${METHODS[method].label} has no ${label}` };
  const { flips, regions } = alongSlider(scale, (value) => {
    const changed = { ...values, [name]: value };
    return theory(method, changed, problemOf(changed));
  });
  const marks = flips
    .filter((value) => !paper || Math.abs(value - paper.value) > 1e-9)
    .map((value) => mark(label, value, format(value), "flips", "there the verdict flips"));
  if (paper) marks.push(mark(label, paper.value, format(paper.value), "paper", paper.why));
  return { marks: marks.sort((a, b) => a.value - b.value), regions };
}

const mark = (label, value, shown, word, why) => ({
  value,
  text: `${shown} ${word}`,
  hint: `Set ${label} to ${shown}: ${why}`,
});

export const EXPLORER = {
  title: "Explorer of Theorem 1",
  traits: ["method", "C", "beta1", "beta2", "alpha", "steps", "log_t", "x1"],
  figure: RUN_CHARTS,
  legend: verdictLegend("Slider colours, by theory:"),
  controls: () => CONTROLS,
  compute: (values) => computeRuns(values, [values.method], problemOf(values)),
  sentences: runSentences,
  mount: (context) => (result) =>
    drawRuns(context, result, { limitText: "limit\n(2C − 4)/3", whole: true }),

  annotate(values) {
    const { method, C, beta2 } = values;
    const limit = Math.sqrt(1 - beta2);
    const bound = "the theorem wants less, α < √(1 − β₂)";
    return {
      C: notesOf("C", values, {
        value: 2,
        why: "the theorem wants more; at 2 no point is better than another",
      }),
      beta1: notesOf("beta1", values),
      beta2: notesOf("beta2", values, {
        value: 1 / (1 + C * C),
        why: "the theorem's choice, 1/(1 + C²)",
      }),
      alpha: {
        marks: takes(method, "beta2")
          ? [mark("α", limit, significant(limit, 4), "paper", bound)]
          : [],
      },
      x1: { marks: [mark("x₁", 1, "1", "paper", "the theorem starts here")] },
    };
  },
};

export default explorerWidget(EXPLORER);
