// The explorer of the exact boundary: the sign of D over a plane, the paper's conditions on top,
// and beside it the run at the point.

import {
  BETA1_SCALE,
  BETA2_SCALE,
  C_SCALE,
  mapOf,
  NODES,
  PLANES,
  problemOf,
  theorem2Beta1,
  tie,
} from "./boundary_map.js";
import { mapPicture } from "./boundary_picture.js";
import { explorerWidget } from "./explorer.js";
import { METHODS } from "./generated/methods.js";
import { THEOREM_2 } from "./generated/theorem_2.js";
import { MAP_FRAME, mapView } from "./map_view.js";
import { rangeControl } from "./range.js";
import { beta1Control, beta2Control } from "./rates.js";
import { computeRuns, drawRuns, RUN_CHARTS, runSentences, verdictLegend } from "./runs.js";
import { logScale, nearby } from "./scales.js";
import { selectControl } from "./select.js";
import { counted, significant } from "./text.js";
import { toggleControl } from "./toggle.js";
import { alongSlider, takes, theory } from "./verdict.js";

const ALPHA = 1; // step size 1/sqrt(t)

const CONTROLS = [
  {
    make: selectControl,
    name: "plane",
    label: "map over",
    options: Object.entries(PLANES).map(([name, { text }]) => [name, text]),
  },
  {
    make: selectControl,
    name: "method",
    label: "method",
    options: Object.entries(METHODS).map(([name, { label }]) => [name, label]),
  },
  beta2Control(BETA2_SCALE),
  beta1Control(BETA1_SCALE),
  {
    make: rangeControl,
    name: "C",
    label: "C",
    note: "slope of the rare loss",
    scale: C_SCALE,
    format: counted,
  },
  {
    make: rangeControl,
    more: true,
    name: "P",
    label: "P",
    note: "period, it comes once in P",
    scale: C_SCALE,
    format: counted,
  },
  { make: toggleControl, more: true, name: "tied", label: "P = C, as in Theorem 2" },
  {
    make: rangeControl,
    more: true,
    name: "epsilon",
    label: "ε",
    note: "added to the denominator",
    scale: logScale(1e-3, 1e5, 240, 2),
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
];

function computeBoundary(values, previous) {
  const setting = { ...values, alpha: ALPHA, log_t: false, x1: 0 };
  const found = computeRuns(setting, [values.method], problemOf(values));
  const coarse = mapOf(values, NODES.coarse);
  const fine = mapOf(values, NODES.fine);
  const known = previous && [coarse.key, fine.key].includes(previous.map.key);
  const map = known ? previous.map : coarse;
  return {
    ...found,
    map,
    tasks: [map, ...found.runs],
    refine: () =>
      map.key === fine.key ? null : { ...found, map: fine, tasks: [fine], isFiner: true },
  };
}

function mountBoundary(context) {
  const { root, id, change, read } = context;
  const showMap = mapView(root, {
    name: "Map of where the method goes",
    description: "arrow, Page, Home and End keys move the point, Shift takes larger steps",
    move(u, v) {
      const { x, y } = PLANES[read().plane];
      change({ [x.name]: nearby(x.scale, x.value(u)), [y.name]: nearby(y.scale, y.value(v)) });
    },
    // Fast keys come before the redraw, so they start from what is asked for, not what is shown.
    nudge(dx, dy) {
      const values = read();
      const { x, y } = PLANES[values.plane];
      change({
        [x.name]: nearby(x.scale, values[x.name], dx),
        [y.name]: nearby(y.scale, values[y.name], dy),
      });
    },
  });
  return (result) => {
    const { values, theories } = result;
    const wide = root.clientWidth >= 580;
    const limitText = values.P === values.C ? "limit 2/C" : "limit";
    drawRuns(context, result, { limitText, height: wide ? 200 : 150 });
    const width = root.querySelector(".aab-map").clientWidth;
    const text = pointText(values, PLANES[values.plane], theories[0]);
    if (width) showMap(mapPicture(id, result, text, width, wide ? 408 : 320));
  };
}

const ENDS = {
  fails: "goes to the worst point",
  fine: "goes to the best point",
  open: "is on the boundary",
};

// The point of the map and what happens there, in words.
function pointText(values, { x, y }, { method, verdict }) {
  const written = (name) => {
    const { label, format } = CONTROLS.find((spec) => spec.name === name);
    return `${label} ${format(values[name])}`;
  };
  return `${written(x.name)}, ${written(y.name)}: ${METHODS[method].label} ${ENDS[verdict]}`;
}

// What Theorem 2 says at the point, as a sentence.
function paperSentence(values) {
  const { beta2, C } = values;
  const beta1 = theorem2Beta1(values);
  if (beta1 === null || C % 2) return "";
  if (beta1 * beta1 >= beta2) return " Theorem 2 wants β₁ &lt; √β₂.";
  const broken = Object.keys(THEOREM_2).filter(
    (name) => !(THEOREM_2[name].slack(beta1, beta2, C) > 0),
  );
  if (!broken.length) return " Theorem 2 proves it here: all its conditions hold.";
  const which = broken.map((name) => `(${name})`).join(" and ");
  return ` Theorem 2 is silent here: ${which} ${broken.length > 1 ? "fail" : "fails"}.`;
}

export const EXPLORER = {
  title: "Explorer of the exact boundary",
  traits: ["plane", "method", "beta1", "beta2", "C", "P", "tied", "epsilon", "steps"],
  figure: `${MAP_FRAME}<div class="aab-stack">${RUN_CHARTS}</div>`,
  legend: verdictLegend("Map and sliders, by the sign of D:"),
  controls: () => CONTROLS,
  resolve: tie,
  compute: computeBoundary,
  mount: mountBoundary,

  sentences(result) {
    const [sentence] = runSentences(result);
    return [sentence + paperSentence(result.values)];
  },

  annotate(values) {
    const { method, tied } = values;
    const problem = problemOf(values);
    const hint = (name, symbol) => {
      if (!takes(method, name)) return { disabled: `${METHODS[method].label} has no ${symbol}` };
      const { scale, format } = CONTROLS.find((spec) => spec.name === name);
      const { flips, regions } = alongSlider(scale, (value) =>
        theory(method, { ...values, [name]: value }, problem),
      );
      const marks = flips.map((value) => ({
        value,
        text: `${format(value)} flips`,
        hint: `Set ${symbol} to ${format(value)}: there the verdict flips`,
      }));
      return { marks, regions };
    };
    return {
      beta1: hint("beta1", "β₁"),
      beta2: hint("beta2", "β₂"),
      epsilon: hint("epsilon", "ε"),
      P: tied ? { disabled: "The period is C, as in Theorem 2" } : {},
    };
  },
};

export default explorerWidget(EXPLORER);
