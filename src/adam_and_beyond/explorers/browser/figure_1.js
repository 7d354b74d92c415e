// The explorer of Figure 1: slope 1010 once in 101 rounds, else -10; several methods at once.

import { checksControl } from "./checks.js";
import { explorerWidget } from "./explorer.js";
import { METHODS } from "./generated/methods.js";
import { rangeControl } from "./range.js";
import { beta1Control, beta2Control } from "./rates.js";
import { computeRuns, drawRuns, RUN_CHARTS, runSentences, verdictLegend } from "./runs.js";
import { fadeScale, logScale } from "./scales.js";
import { selectControl } from "./select.js";
import { counted, decayText, significant } from "./text.js";
import { toggleControl } from "./toggle.js";
import { alongSlider, takes, theory } from "./verdict.js";

const GRADIENTS = Float64Array.from({ length: 101 }, (_, k) => (k === 0 ? 1010 : -10));

const BETA1_SCALE = fadeScale(3, 60);

const BETA2_SCALE = fadeScale(5, 50);
const PROBLEM = { gradients: GRADIENTS, lower: -1, upper: 1 };

export const CONTROLS = [
  beta2Control(BETA2_SCALE),
  beta1Control(BETA1_SCALE),
  {
    make: rangeControl,
    more: true,
    name: "alpha",
    label: "α",
    note: "scale of the step",
    scale: logScale(1e-5, 10, 240, 2),
    format: (v) => significant(v),
  },
  {
    make: rangeControl,
    more: true,
    name: "steps",
    label: "T",
    note: "number of steps",
    scale: logScale(1000, 1000000, 150, 2),
    format: counted,
  },
  {
    make: selectControl,
    more: true,
    name: "schedule",
    label: "step size",
    options: [
      ["inverse_sqrt", "α/√t"],
      ["constant", "constant α"],
    ],
  },
  { make: toggleControl, more: true, name: "log_t", label: "logarithmic step axis" },
  {
    make: checksControl,
    name: "methods",
    label: "methods",
    methods: Object.keys(METHODS),
  },
];

export const problemOf = () => PROBLEM;

const chosenMethods = ({ methods }) =>
  Object.keys(METHODS).filter((name) => methods.includes(name));

export const EXPLORER = {
  title: "Explorer of Figure 1",
  traits: ["beta1", "beta2", "alpha", "schedule", "methods", "steps", "log_t"],
  figure: RUN_CHARTS,
  legend: verdictLegend("Slider colours, by theory:"),
  controls: () => CONTROLS,
  compute: (values) => computeRuns(values, chosenMethods(values), PROBLEM),
  sentences: runSentences,
  mount: (context) => (result) => drawRuns(context, result, { limitText: "20/101" }),

  annotate(values) {
    const chosen = chosenMethods(values);
    const hint = (name, symbol, scale) => {
      const users = chosen.filter((method) => takes(method, name));
      if (!users.length) return { disabled: `None of the chosen methods has a ${symbol}` };
      const found = new Map(); // flip, as shown -> {value, labels}
      let regions = [];
      for (const method of users) {
        const at = (value) => theory(method, { ...values, [name]: value }, PROBLEM);
        const line = alongSlider(scale, at);
        // The track can show one method: the first that may fail.
        if (!regions.some((r) => r.verdict === "fails")) regions = line.regions;
        for (const value of line.flips) {
          const shown = decayText(value);
          const others = found.get(shown)?.labels ?? [];
          found.set(shown, { value, labels: [...others, METHODS[method].label] });
        }
      }
      const marks = [...found].map(([shown, { value, labels }]) => ({
        value,
        text: `${shown} ${labels[0]} flips`,
        hint: `Set ${symbol} to ${shown}, where the verdict on ${labels.join(" and ")} flips`,
      }));
      return { marks: marks.sort((a, b) => a.value - b.value), regions };
    };
    return {
      beta1: hint("beta1", "β₁", BETA1_SCALE),
      beta2: hint("beta2", "β₂", BETA2_SCALE),
    };
  },
};

export default explorerWidget(EXPLORER);
