// The explorer of Theorem 2's conditions: both sides of each over C, where it first holds, and
// where Adam first fails.

import { logAxis } from "./axes.js";
import { LINE_STYLES } from "./colour.js";
import { chartFrame, explorerWidget } from "./explorer.js";
import { THEOREM_2 } from "./generated/theorem_2.js";
import { curvePath, drawPlane, planeAxes } from "./plane.js";
import { clipPathOf, point, dot } from "./svg.js";
import { counted, decayText, escapeText } from "./text.js";
import { firstFailure, provedFrom, RarityScan, rateControls } from "./theorem_2.js";

const DASHES = { i: "2 3", ii: "none", iii: "8 4" };

const RATIO = [1e-3, 1e3]; // ends of the axis of left over right side

const Y_AXIS = logAxis("left side / right side", ...RATIO, (at) =>
  at === 1 ? "1" : `10${superscript(Math.round(Math.log10(at)))}`,
);

function superscript(power) {
  const digits = "⁰¹²³⁴⁵⁶⁷⁸⁹";
  return (power < 0 ? "⁻" : "") + [...String(Math.abs(power))].map((d) => digits[d]).join("");
}

function computeConditions(values) {
  const exact = new RarityScan(values);
  return { values, exact, paper: provedFrom(values), tasks: [exact] };
}

// Even numbers, each while they are small, to the end of the axis.
function evenNumbers(high) {
  const found = [];
  for (let C = 2; C <= high; C = Math.max(C + 2, 2 * Math.round(C * 0.515))) found.push(C);
  return found;
}

function drawConditions({ root }, { values, exact, paper }) {
  const { beta1, beta2 } = values;
  const most = Math.max(paper?.together ?? 0, exact.found ?? 0, 100);
  const high = 10 ** Math.ceil(Math.log10(1.3 * most));
  const x = logAxis("C", 2, high);
  const curves = Object.entries(THEOREM_2).map(([name, { left, right }]) => [
    name,
    evenNumbers(high).map((C) => [C, left(beta1, beta2, C) / right(beta1, beta2, C)]),
  ]);
  const flags = [
    ...Object.keys(THEOREM_2).map((name) => [paper?.[name], `(${name}) from`, "aab-ink"]),
    [exact.found, "Adam first fails at", "aab-hue"],
  ].filter(([C]) => C);
  drawPlane(root, {
    name: "conditions",
    sentence:
      "Line plot of left over right side of Theorem 2's three conditions against C, on " +
      `logarithmic axes; below 1 a condition holds. ${plainSentence({ values, exact, paper })}`,
    x,
    y: Y_AXIS,
    height: root.clientWidth < 580 ? 320 : 380,
    right: 16,
    inside: (box) =>
      [
        clipPathOf(`${root.id}-cc`, box),
        `<g clip-path="url(#${root.id}-cc)">`,
        ...[exact.found, paper?.together].map((C) => (C ? beyond(box, C) : "")),
        `<path class="aab-level" d="M${point(box.x0, box.Y(1))}H${box.x1}"/>`,
        ...curves.map(
          ([name, points]) =>
            `<path class="aab-boundary" style="stroke-dasharray:${DASHES[name]}" ` +
            `data-series="${name}" d="${curvePath(points, box)}"/>`,
        ),
        "</g>",
        planeAxes(box, x, Y_AXIS),
        ...flags.map(([C, text, className], k) =>
          flag(box, C, `${text} ${counted(C)}`, className, k),
        ),
      ].join(""),
  });
}

const beyond = ({ X, x1, y0, y1 }, C) =>
  `<rect class="aab-area-fails" x="${X(C).toFixed(1)}" y="${y1}" ` +
  `width="${Math.max(x1 - X(C), 0).toFixed(1)}" height="${y0 - y1}"/>`;

// A mark at C on the line where both sides are equal, and a label in a row of its own.
function flag(box, C, text, className, row) {
  const x = box.X(C);
  const y = box.y1 + 18 + 17 * row;
  const left = x > (box.x0 + box.x1) / 2;
  const anchor = `text-anchor="${left ? "end" : "start"}" x="${(x + (left ? -6 : 6)).toFixed(1)}"`;
  const ground = className === "aab-hue" ? box.y0 : box.Y(1);
  return (
    `<path class="aab-cross" d="M${point(x, ground)}V${(y - 8).toFixed(1)}"/>` +
    (className === "aab-hue" ? "" : dot(x, box.Y(1))) +
    `<text class="aab-region-name ${className}" style="${LINE_STYLES.adam}" ${anchor} y="${y.toFixed(1)}">` +
    `${text}</text>`
  );
}

function plainSentence({ exact, paper }) {
  const proof = paper
    ? `Condition (i) holds from C = ${counted(paper.i)}, (ii) from ${counted(paper.ii)}, (iii) ` +
      `from ${counted(paper.iii)}: the proof works from C = ${counted(paper.together)}`
    : "The theorem wants β₁ < √β₂, so it says nothing here";
  return `${proof}. Adam first fails ${firstFailure(exact.found)}.`;
}

export const EXPLORER = {
  title: "Explorer of Theorem 2's conditions",
  traits: ["beta1", "beta2"],
  figure: chartFrame("conditions"),
  legend: "Below 1 a condition holds. (i) dotted, (ii) solid, (iii) dashed; both axes logarithmic.",
  controls: () => rateControls(3),
  compute: computeConditions,
  sentences: (result) => [escapeText(plainSentence(result))],
  mount: (context) => (result) => drawConditions(context, result),

  annotate: ({ beta1, beta2 }) => ({
    beta1: { marks: [limitMark("β₁", Math.sqrt(beta2), "√β₂")] },
    beta2: { marks: [limitMark("β₂", beta1 * beta1, "β₁²")] },
  }),
};

function limitMark(label, limit, text) {
  const value = Math.min(limit, 1 - Number.EPSILON / 2); // a root may round to 1
  const hint = `Set ${label} to ${text}: the theorem wants β₁ < √β₂`;
  return { value, text: `${decayText(value)} ${text}`, hint };
}

export default explorerWidget(EXPLORER);
