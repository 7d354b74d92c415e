// What opens the chapter on AdamNC: how much of its average each past round still has.

import { LINE_STYLES } from "./colour.js";
import { chartFrame, explorerWidget } from "./explorer.js";
import { METHODS } from "./generated/methods.js";
import { RULES } from "./generated/rules.js";
import { mountFilm, PLAYER, tellRound } from "./player.js";
import { beta2Control } from "./rates.js";
import { fadeScale } from "./scales.js";
import { point, textAt } from "./svg.js";
import { escapeText, significant } from "./text.js";

const SHOWN = ["adam", "adamnc"];

const ROUNDS = 60;

const HIGHEST = 0.2; // share that fills the height; heights go by the root, so that small ones show

// The shares that the rounds 1 to t have in a method's average of squares: what is in it after a
// gradient of 1 in that round and of 0 in the others.
export function sharesOf(method, { beta2 }, t) {
  const rule = RULES[method];
  const v = rule.state.indexOf("v");
  return Float64Array.from({ length: t }, (_, s) => {
    const memory = new Float64Array(rule.state.length);
    for (let k = 0; k < t; k++) rule.step(memory, k === s ? 1 : 0, k + 1, { beta1: 0, beta2 });
    return memory[v];
  });
}

const first = (shares) => shares.slice(0, 10).reduce((sum, share) => sum + share, 0);

function drawMemory({ root }, { values }, frame) {
  const round = Math.min(Math.floor(frame) + 1, ROUNDS);
  for (const method of SHOWN) drawShares(root, method, sharesOf(method, values, round));
  tellRound(root, round);
}

function drawShares(root, method, shares) {
  const svg = root.querySelector(`[data-chart="${method}"]`);
  const width = svg.parentElement.clientWidth;
  if (!width) return; // not laid out yet; the observer will call again
  const height = root.clientWidth < 580 ? 120 : 150;
  const [x0, x1, y0, y1] = [4, width - 4, height - 20, 26];
  const X = (k) => x0 + (k / ROUNDS) * (x1 - x0);
  const Y = (share) => y0 - Math.sqrt(Math.min(share / HIGHEST, 1)) * (y0 - y1);
  const bars = [...shares].map(
    (share, k) => `M${point(X(k), y0)}V${Y(share).toFixed(1)}H${(X(k + 1) - 2).toFixed(2)}V${y0}Z`,
  );
  const sentence =
    `Bar chart of the shares that ${shares.length} rounds have in the average of squares of ` +
    `${METHODS[method].label}: the first has ${significant(shares[0])}, the last ` +
    `${significant(shares.at(-1))}.`;
  svg.setAttribute("viewBox", `0 0 ${width} ${height}`);
  svg.setAttribute("aria-label", sentence);
  svg.innerHTML = [
    `<desc>${escapeText(sentence)}</desc>`,
    `<text class="aab-title aab-label aab-hue" style="${LINE_STYLES[method]}" x="0" y="14">` +
      `${METHODS[method].label}</text>`,
    `<path class="aab-bar-up" data-series="${method}" d="${bars.join("")}"/>`,
    `<path class="aab-zero" d="M${point(x0, y0)}H${x1}"/>`,
    textAt("aab-tick", x1, height - 4, "past rounds", "end"),
  ].join("");
}

export const EXPLORER = {
  title: "Explorer of what is remembered",
  traits: ["beta2"],
  figure: SHOWN.map(chartFrame).join("") + PLAYER,
  legend: "Bars: the share of each past round in the average of squares, drawn by its root.",
  controls: () => [beta2Control(fadeScale(4, 40))],
  annotate: () => ({}),
  compute: (values) => ({ values, tasks: [] }),
  mount: mountFilm({ last: ROUNDS, seconds: 6, steps: 20, draw: drawMemory }),

  sentences({ values }) {
    const [adam, adamnc] = SHOWN.map((method) => first(sharesOf(method, values, ROUNDS)));
    const percent = (share) => `${significant(100 * share, 2)} %`;
    return [
      `After ${ROUNDS} rounds the first ten have ` +
        `<strong class="aab-fails">${percent(adam)}</strong> of Adam's average, and ` +
        `<strong class="aab-fine">${percent(adamnc)}</strong> of AdamNC's, which counts all rounds alike.`,
    ];
  },
};

export default explorerWidget(EXPLORER);
