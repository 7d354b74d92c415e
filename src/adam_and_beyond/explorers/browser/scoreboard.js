// What opens the chapter on the audit: the drift numbers of one optimizer, from one rarity to the
// next, as they were stored.

import { linearAxis } from "./axes.js";
import { chartFrame, explorerWidget } from "./explorer.js";
import { curvePath, drawPlane, planeAxes } from "./plane.js";
import { rangeControl } from "./range.js";
import { listScale } from "./scales.js";
import { selectControl } from "./select.js";
import { dot, point } from "./svg.js";
import { counted, signed, significant } from "./text.js";

const verdictOf = (D) => (D === null || D === 0 ? "open" : D > 0 ? "fails" : "fine");

// The drift number at a rarity, and the rarities at which an optimizer fails.
export function lookUp({ optimizer, C, data }) {
  const numbers = data.numbers[optimizer];
  const D = numbers[data.rarities.indexOf(C)] ?? null;
  return { D, verdict: verdictOf(D), failing: data.rarities.filter((_, k) => numbers[k] > 0) };
}

function axisOf(numbers) {
  const known = numbers.filter((D) => D !== null);
  const [low, high] = [Math.min(0, ...known), Math.max(0, ...known)];
  const room = 0.12 * (high - low);
  return linearAxis("drift number D, per period", low - room, high + room);
}

function drawNumbers({ root }, { values, D, verdict }) {
  const { data, optimizer, C } = values;
  const numbers = data.numbers[optimizer];
  const x = linearAxis("C: gradient C once in C rounds, else −1", 2, data.rarities.at(-1));
  const y = axisOf(numbers);
  const told = D === null ? "there is no number" : `it is ${signed(+D.toPrecision(3))}`;
  drawPlane(root, {
    name: "scoreboard",
    sentence:
      `Dots of the drift number of ${data.labels[optimizer]} against C, above zero where it goes ` +
      `to the worst point. At C = ${C} ${told}.`,
    x,
    y,
    height: root.clientWidth < 580 ? 240 : 300,
    inside(box) {
      const dots = numbers.map((number, k) => {
        if (number === null) return "";
        const [X, Y] = [box.X(data.rarities[k]), box.Y(number)];
        const colour = `var(--aab-${verdictOf(number) === "fails" ? "fails" : "fine"})`;
        return `<circle cx="${X.toFixed(1)}" cy="${Y.toFixed(1)}" r="2.4" fill="${colour}"/>`;
      });
      const points = data.rarities.map((rarity, k) => [rarity, numbers[k]]);
      const here = D === null ? "" : dot(box.X(C), box.Y(D));
      return [
        planeAxes(box, x, y),
        `<path class="aab-zero" d="M${point(box.x0, box.Y(0))}H${box.x1.toFixed(1)}"/>`,
        `<path class="aab-axis" data-series="drift" d="${curvePath(points, box)}"/>`,
        `<path class="aab-level" data-series="rarity" d="M${point(box.X(C), box.y0)}V${box.y1}"/>`,
        ...dots,
        here && `<g data-verdict="${verdict}">${here}</g>`,
      ].join("");
    },
  });
}

// Stretches of rarities with one verdict, for the slider's track.
function regionsOf({ rarities }, numbers) {
  const regions = [];
  numbers.forEach((D, k) => {
    const verdict = verdictOf(D);
    const last = regions.at(-1);
    if (last?.verdict === verdict) last.to = rarities[k];
    else regions.push({ from: last ? rarities[k] - 0.5 : rarities[k], to: rarities[k], verdict });
    if (last && last.verdict !== verdict) last.to = rarities[k] - 0.5;
  });
  return regions.filter(({ verdict }) => verdict !== "open");
}

export const EXPLORER = {
  title: "Explorer of the scoreboard",
  traits: ["optimizer", "C", "data"],
  figure: chartFrame("scoreboard"),
  legend: "As the audit saw them, with the decays 0.9 and 0.99 where an optimizer has both.",
  compute: (values) => ({ values, ...lookUp(values), tasks: [] }),
  mount: (context) => (result) => drawNumbers(context, result),

  controls(get) {
    const { rarities, labels } = get("data");
    return [
      {
        make: selectControl,
        name: "optimizer",
        label: "Optimizer",
        options: Object.entries(labels),
      },
      {
        make: rangeControl,
        name: "C",
        label: "C",
        note: "rare gradient",
        scale: listScale(rarities),
        format: counted,
      },
    ];
  },

  annotate({ data, optimizer }) {
    const [first] = lookUp({ data, optimizer, C: 2 }).failing;
    const hint = `Set C to ${first}, the first at which it fails`;
    return {
      C: {
        marks: first ? [{ value: first, text: `fails from ${first} on`, hint }] : [],
        regions: regionsOf(data, data.numbers[optimizer]),
      },
    };
  },

  sentences({ values, D, verdict }) {
    const name = values.data.labels[values.optimizer];
    if (verdict === "open") return [`At C = ${values.C} the number of ${name} has no sign.`];
    const where = verdict === "fails" ? "up, to the worst point" : "down, to the best point";
    const number = signed(significant(D));
    return [
      `${name} at C = ${values.C}: <span class="aab-keep">D = ${number}</span>, so it goes ` +
        `<strong class="aab-${verdict}">${where}</strong>.`,
    ];
  },
};

export default explorerWidget(EXPLORER);
