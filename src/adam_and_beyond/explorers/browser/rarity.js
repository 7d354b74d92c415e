// The explorer of rarity: how rare an event must be for Adam to fail on Theorem 2's family, how
// rare the paper's proof wants it, and the law of large memories.

import { evenly, logAxis } from "./axes.js";
import { LINE_STYLES } from "./colour.js";
import { chartFrame, explorerWidget } from "./explorer.js";
import { curvePath, drawPlane, planeAxes } from "./plane.js";
import { point, dot, spreadLabels } from "./svg.js";
import { counted, escapeText, significant } from "./text.js";
import { firstFailure, provedFrom, RarityScan, rateControls } from "./theorem_2.js";

const X_AXIS = logAxis("memory 1/(1 − β₂)", 1, 1e5);

const Y_AXIS = logAxis("C: one big gradient in C rounds", 1, 1e7);

const MEMORIES = evenly(41).map(X_AXIS.value);

const law = (memory) => 2 * Math.sqrt(memory);

const memoryOf = ({ beta2 }) => 1 / (1 - beta2);

const betasAt = (beta1, memory) => ({ beta1, beta2: 1 - 1 / memory });

function computeRarity(values, previous) {
  const { beta1 } = values;
  const known = previous?.values.beta1 === beta1;
  const curve = known ? previous.curve : MEMORIES.map((m) => new RarityScan(betasAt(beta1, m)));
  const exact = new RarityScan(values);
  return { values, exact, curve, paper: provedFrom(values), tasks: [exact, ...curve] };
}

function drawRarity({ root }, { values, exact, curve, paper }) {
  const { beta1 } = values;
  const proved = MEMORIES.map((m) => [m, provedFrom(betasAt(beta1, m))?.together ?? null]);
  const found = MEMORIES.map((m, k) => [m, curve[k].found]);
  const laws = MEMORIES.map((m) => [m, law(m)]);
  const memory = memoryOf(values);
  const last = (points) => points.findLast(([, C]) => C !== null)?.[1];
  drawPlane(root, {
    name: "rarity",
    sentence:
      "Line plot of the smallest failing C, of the C that the paper's proof wants and of the law " +
      `2/√(1 − β₂), against the memory. ${plainSentence({ values, exact, paper })}`,
    x: X_AXIS,
    y: Y_AXIS,
    height: root.clientWidth < 580 ? 300 : 360,
    right: 84,
    inside(box) {
      const here = box.X(memory);
      const inView = here <= box.x1 + 0.5;
      const labels = [
        [last(proved), "the paper", "aab-ink"],
        [last(found), "exact", "aab-hue"],
        [last(laws), "law", "aab-theory"],
      ].filter(([C]) => C !== undefined);
      const rows = spreadLabels(
        labels.map(([C]) => box.Y(C)),
        labels.map(() => 15),
        box.y1,
        box.y0,
      );
      return [
        `<path class="aab-level" data-series="law" d="${curvePath(laws, box)}"/>`,
        `<path class="aab-paper-edge" data-series="paper" d="${curvePath(proved, box)}"/>`,
        `<path class="aab-line aab-hue" style="${LINE_STYLES.adam}" data-series="exact" ` +
          `d="${curvePath(found, box)}"/>`,
        planeAxes(box, X_AXIS, Y_AXIS),
        inView ? `<path class="aab-cross" d="M${point(here, box.y0)}V${box.y1}"/>` : "",
        ...[paper?.together, exact.found].map((C) => (C && inView ? dot(here, box.Y(C)) : "")),
        ...labels.map(([, text, className], k) => {
          const at = `x="${(box.x1 + 8).toFixed(1)}" y="${(rows[k] + 4).toFixed(1)}"`;
          return `<text class="aab-label ${className}" style="${LINE_STYLES.adam}" ${at}>${text}</text>`;
        }),
      ].join("");
    },
  });
}

function plainSentence({ values, exact, paper }) {
  const proof = paper
    ? `The paper's proof wants C = ${counted(paper.together)}`
    : "The paper's theorem wants β₁ < √β₂";
  const laws = `the law 2/√(1 − β₂) gives ${significant(law(memoryOf(values)))}`;
  return `Adam first fails ${firstFailure(exact.found)}. ${proof}; ${laws}.`;
}

const USUAL = "the value of most programs";

export const EXPLORER = {
  title: "Explorer of rarity",
  traits: ["beta1", "beta2"],
  figure: chartFrame("rarity"),
  legend: "Both axes are logarithmic.",
  controls: () => rateControls(2), // beyond it the curve takes a second to compute
  compute: computeRarity,
  mount: (context) => (result) => drawRarity(context, result),

  annotate: () => ({
    beta1: { marks: [{ value: 0.9, text: "0.9", hint: `Set β₁ to 0.9, ${USUAL}` }] },
    beta2: {
      marks: [0.99, 0.999].map((value) => ({
        value,
        text: String(value),
        hint: `Set β₂ to ${value}, ${value === 0.99 ? "as in Figure 1" : USUAL}`,
      })),
    },
  }),

  sentences(result) {
    const { exact, paper } = result;
    const ratio = paper && exact.found ? paper.together / exact.found : null;
    const times = ratio ? ` The proof asks for ${significant(ratio)} times what is needed.` : "";
    return [escapeText(plainSentence(result)) + times];
  },
};

export default explorerWidget(EXPLORER);
