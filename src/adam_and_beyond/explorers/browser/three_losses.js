// What opens the chapter on three losses: how unbalanced a period may be before Adam sees it, for
// periods from three losses on, and what not seeing it costs.

import { linearAxis, logAxis } from "./axes.js";
import { LINE_STYLES } from "./colour.js";
import { chartFrame, explorerWidget } from "./explorer.js";
import { MAP_FRAME, mapView } from "./map_view.js";
import { curvePath, planeAxes, planeBox } from "./plane.js";
import { rangeControl } from "./range.js";
import { beta1Control, beta2Control } from "./rates.js";
import { fadeScale, logScale, nearby } from "./scales.js";
import { positivePart, SignMap } from "./sign_map.js";
import { clipPathOf, point, textAt } from "./svg.js";
import { counted, plain, significant } from "./text.js";
import { drawTracks } from "./tracks.js";
import { LEAST, lossesOf, MOST, PERIODS, unseenSum, walkOf } from "./unseen.js";
import { alongSlider, hyper, theory } from "./verdict.js";

const BETA1_SCALE = fadeScale(3, 20);

const BETA2_SCALE = fadeScale(5, 16);

const SUM_SCALE = logScale(LEAST, MOST, 270, 3);

const DIGITS = [..."⁰¹²³⁴⁵⁶⁷⁸⁹"];

// A power of ten, for an axis: 10⁻⁴.
function powerText(value) {
  const power = Math.round(Math.log10(value));
  if (Math.abs(power) < 2) return String(value);
  return `10${power < 0 ? "⁻" : ""}${DIGITS[Math.abs(power)]}`;
}

const X_AXIS = {
  ...logAxis("period P", 3, 300),
  name: "P",
  scale: PERIODS,
};

const Y_AXIS = {
  ...logAxis("sum of a period, C − (P − 1)", LEAST, MOST, powerText),
  name: "excess",
  scale: SUM_SCALE,
};

const PRICES = [1e-7, 1e-5, 1e-3, 0.1, 10]; // average regrets whose lines are drawn

const priceOf = ({ P, excess }) => (2 * excess) / P;

function computeUnseen(values, previous) {
  const h = hyper(values);
  const key = JSON.stringify([values.beta1, values.beta2]);
  const map = previous?.map.key === key ? previous.map : mapOf(h, key);
  const { P, excess } = values;
  return { values, map, walk: walkOf(h, P, excess), unseen: unseenSum(h, P), tasks: [map] };
}

// Positive below the curve. In the logarithm the margin is linear, so that two rows are exact.
function mapOf(h, key) {
  const periods = Array.from({ length: PERIODS.positions + 1 }, (_, k) => PERIODS.toValue(k));
  const found = new Map();
  const unseen = (j) => {
    if (!found.has(j)) found.set(j, Math.min(unseenSum(h, periods[j]), 1e9));
    return found.get(j);
  };
  const vs = [0, 1];
  const at = (j, k) => Math.log(unseen(j) / Y_AXIS.value(vs[k]));
  return new SignMap({ key, us: periods.map(X_AXIS.share), vs, at });
}

function mapPicture(id, { values, map, walk }, width, height) {
  const box = planeBox({ width, height, right: 44 }, X_AXIS, Y_AXIS);
  const X = (u) => box.x0 + u * (box.x1 - box.x0);
  const Y = (v) => box.y0 - v * (box.y0 - box.y1);
  const { area, edge } = positivePart(map, X, Y);
  const rect = `x="${box.x0}" y="${box.y1}" width="${(box.x1 - box.x0).toFixed(1)}"`;
  const [here, there] = [box.X(values.P), box.Y(values.excess)];
  const line = (price) =>
    curvePath(
      [3, 300].map((P) => [P, (price * P) / 2]),
      box,
    );
  const prices = PRICES.filter((price) => Y_AXIS.share(150 * price) <= 1);
  const inside = [
    clipPathOf(`${id}-cm`, box),
    `<pattern id="${id}-hatch" width="7" height="7" patternUnits="userSpaceOnUse" ` +
      'patternTransform="rotate(45)"><path class="aab-hatch" d="M0,0V7"/></pattern>',
    `<g clip-path="url(#${id}-cm)">`,
    `<rect class="aab-area-fine" ${rect} height="${box.y0 - box.y1}"/>`,
    `<path class="aab-area-fails" data-series="map" d="${area}"/>`,
    `<path fill="url(#${id}-hatch)" d="${area}"/>`,
    `<path class="aab-level" stroke-dasharray="2 3" d="${prices.map(line).join("")}"/>`,
    `<path class="aab-boundary" d="${edge}"/>`,
    "</g>",
    planeAxes(box, X_AXIS, Y_AXIS),
    textAt("aab-title", width, 13, "price", "end"),
    ...prices.map((price) =>
      textAt("aab-tick", box.x1 + 5, box.Y(150 * price) + 4, powerText(price)),
    ),
    ...regionNames(box, map),
    `<path class="aab-cross" d="M${point(here, box.y0)}V${box.y1}M${point(box.x0, there)}H${box.x1}"/>`,
    `<circle class="aab-here" cx="${here.toFixed(1)}" cy="${there.toFixed(1)}" r="6"/>`,
  ].join("");
  const goal = walk.D > 0 ? "worst" : "best";
  const text =
    `period ${values.P}, sum ${significant(values.excess)}: Adam goes to the ${goal} point, ` +
    `price ${significant(priceOf(values))}`;
  const position = Math.round(SUM_SCALE.toPosition(values.excess));
  return { width, height, box, inside, text, position, positions: SUM_SCALE.positions };
}

// Names of the two parts, a third of the way along where they have room.
function regionNames(box, { us, values }) {
  const column = us.findIndex((u) => u > 0.66);
  const row = values[column]; // logarithm of the curve over the lowest sum
  const share = row / Math.log(MOST / LEAST);
  const x = box.x0 + 0.66 * (box.x1 - box.x0);
  const place = (v) => box.y0 - v * (box.y0 - box.y1) + 4;
  const name = (v, text) => textAt("aab-region-name", x, place(v), text, "middle");
  return [
    share > 0.12 ? name(Math.min(share, 1) / 2, "worst point") : "",
    share < 0.88 ? name((1 + Math.max(share, 0)) / 2, "best point") : "",
  ];
}

const Y_TICKS = [
  { at: 1, text: "+1 worst" },
  { at: 0, text: "0" },
  { at: -1, text: "−1 best" },
];

function drawWalk(root, { walk }, height) {
  const { rounds, xs, band, arrival, D, end } = walk;
  drawTracks(root, {
    name: "walk",
    frame: rounds.length - 1,
    right: 52,
    height,
    x: linearAxis("round", 0, rounds.at(-1)),
    y: { ...linearAxis("where Adam is, x", -1.08, 1.08), ticks: Y_TICKS },
    sentence:
      `Line plot of Adam's iterate against the round, from 0 ${D > 0 ? "up" : "down"} to ` +
      `${plain(end)}, where it arrives after ${counted(arrival)} rounds.`,
    behind: (box) => {
      const side = (k) => rounds.map((t, j) => [t, band[j][k]]);
      const path = curvePath([...side(1), ...side(0).reverse()], box);
      return `<path class="aab-band aab-hue" style="${LINE_STYLES.adam}" d="${path}Z"/>`;
    },
    tracks: [
      {
        series: "adam",
        label: "Adam",
        style: LINE_STYLES.adam,
        points: rounds.map((t, k) => [t, xs[k]]),
      },
    ],
  });
}

function mountUnseen({ root, id, change, read }) {
  const at = (axis, ...given) => ({ [axis.name]: nearby(axis.scale, ...given) });
  const showMap = mapView(root, {
    name: "Map of where Adam goes",
    description: "arrow, Page, Home and End keys move the point, Shift takes larger steps",
    move: (u, v) => change({ ...at(X_AXIS, X_AXIS.value(u)), ...at(Y_AXIS, Y_AXIS.value(v)) }),
    nudge(dx, dy) {
      const { P, excess } = read();
      change({ ...at(X_AXIS, P, dx), ...at(Y_AXIS, excess, dy) });
    },
  });
  return (result) => {
    const wide = root.clientWidth >= 580;
    const width = root.querySelector(".aab-map").clientWidth;
    drawWalk(root, result, wide ? 320 : 210);
    if (width) showMap(mapPicture(id, result, width, wide ? 320 : 280));
  };
}

export const EXPLORER = {
  title: "Explorer of what Adam does not see",
  traits: ["P", "excess", "beta1", "beta2"],
  figure: MAP_FRAME + chartFrame("walk"),
  legend: "Hatched: D > 0. Dotted: equal price, the average regret 2(C − P + 1)/P at +1.",
  compute: computeUnseen,
  mount: mountUnseen,

  controls: () => [
    beta1Control(BETA1_SCALE),
    beta2Control(BETA2_SCALE),
    {
      make: rangeControl,
      more: true,
      name: "P",
      label: "P",
      note: "period",
      scale: PERIODS,
      format: counted,
    },
    {
      make: rangeControl,
      more: true,
      name: "excess",
      label: "C − (P − 1)",
      note: "sum of a period",
      scale: SUM_SCALE,
      format: significant,
    },
  ],

  annotate(values) {
    const problem = lossesOf(values.P, values.excess);
    const along = (
      name,
      scale,
      at = (value) => theory("adam", { ...values, [name]: value }, problem),
    ) => {
      const { flips, regions } = alongSlider(scale, at);
      const marks = flips.map((value) => ({
        value,
        text: `${significant(value, 6)} flips`,
        hint: `Set it to ${significant(value, 6)}, where the drift number is 0`,
      }));
      return { marks, regions };
    };
    const bySum = (value) => theory("adam", values, lossesOf(values.P, value));
    return {
      beta1: along("beta1", BETA1_SCALE),
      beta2: along("beta2", BETA2_SCALE),
      excess: along("excess", SUM_SCALE, bySum),
    };
  },

  sentences({ values, walk, unseen }) {
    const { P, excess } = values;
    const big = significant(P - 1 + excess, 7);
    const [verdict, goal] = walk.D > 0 ? ["fails", "worst"] : ["fine", "best"];
    const upTo =
      unseen === Infinity ? "whatever C is" : `while C < ${significant(P - 1 + unseen, 8)}`;
    const small = P === 3 ? "two gradients −1" : `${P - 1} gradients −1`;
    return [
      `On ${big} and ${small}, Adam goes to the <strong class="aab-${verdict}">${goal} ` +
        `point</strong>; to the worst ${upTo}. The price of that is ` +
        `${significant(priceOf(values))} a round.`,
    ];
  },
};

export default explorerWidget(EXPLORER);
