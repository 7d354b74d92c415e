// What opens the chapter on the worst problem: the gradients of a period, each to be dragged.

import { linearAxis } from "./axes.js";
import { LINE_STYLES } from "./colour.js";
import { element, keepKeys } from "./dom.js";
import { followPointer } from "./drag.js";
import { driftNumber } from "./drift.js";
import { chartFrame, explorerWidget } from "./explorer.js";
import { METHODS } from "./generated/methods.js";
import { beta2Control } from "./rates.js";
import { fadeScale } from "./scales.js";
import { point, textAt } from "./svg.js";
import { escapeText, plain } from "./text.js";

export const MEAN = 0.02;

const NAMES = Array.from({ length: 12 }, (_, k) => `g${k + 1}`);

const SHOWN = ["adam", "adopt", "amsgrad"];

const LARGEST = 3; // drift number that fills a half of the chart

// What `drift.worst` found in Python for beta1 = 0.5, beta2 = 0.9; a test compares.
export const WORST = {
  adam: [
    1, 1, 0.2456, 0.0117, -0.0807, -0.1404, -0.1871, -0.2291, -0.2709, -0.3155, -0.3665, -0.4272,
  ],
  adopt: [1, 0.664, 0.441, 0.287, 0.172, 0.081, 0.004, -0.065, -0.133, -0.211, -1, -1],
};

const within = (g) => Math.min(Math.max(g, -1), 1);

const sumOf = (gradients) => gradients.reduce((sum, g) => sum + g, 0);

// The gradients after one is moved: the others share what keeps the mean, up to their ends.
export function held(gradients, k, value) {
  const next = [...gradients];
  next[k] = within(value);
  for (let round = 0; round < NAMES.length; round++) {
    const lacking = NAMES.length * MEAN - sumOf(next);
    const free = next.flatMap((g, j) => (j !== k && g * Math.sign(lacking) < 1 ? [j] : []));
    for (const j of free) next[j] = within(next[j] + lacking / free.length);
  }
  return next.map((g) => +g.toFixed(4));
}

// The gradients of the values, moved alike so that their mean is exact.
export function gradientsOf(values) {
  const given = NAMES.map((name) => values[name]);
  const off = MEAN - sumOf(given) / NAMES.length;
  return Float64Array.from(given, (g) => g + off);
}

const valuesOf = (gradients) => Object.fromEntries(NAMES.map((name, k) => [name, gradients[k]]));

export function computeDrifts(values) {
  const gradients = gradientsOf(values);
  const h = { beta1: 0.5, beta2: values.beta2, epsilon: 1e-6 };
  const drifts = SHOWN.map((method) => driftNumber(method, h, gradients, 3));
  return { values, gradients, drifts, tasks: [] };
}

const LEFT = 34;

const columns = (width) => (width - LEFT - 4) / NAMES.length;

function drawGradients(root, gradients) {
  const svg = root.querySelector('[data-chart="gradients"]');
  const width = svg.parentElement.clientWidth;
  if (!width) return; // not laid out yet; the observer will call again
  const height = root.clientWidth < 580 ? 190 : 230;
  const Y = (g) => height / 2 + 9 - g * (height / 2 - 19);
  const wide = columns(width);
  const bar = (g, k) => {
    const x = LEFT + k * wide;
    return `M${point(x + 2, Y(0))}V${Y(g).toFixed(1)}H${(x + wide - 2).toFixed(1)}V${Y(0).toFixed(1)}Z`;
  };
  const knobs = [...gradients].map(
    (g, k) => `M${point(LEFT + k * wide + 3, Y(g))}h${(wide - 6).toFixed(1)}`,
  );
  svg.setAttribute("viewBox", `0 0 ${width} ${height}`);
  svg.innerHTML = [
    textAt("aab-title", 0, 13, "gradients of a period: drag them"),
    ...linearAxis("", -1, 1)
      .ticks.filter(({ at }) => Math.abs(at) !== 0.5)
      .map(({ at, text }) =>
        textAt("aab-tick", LEFT - 6, Y(at) + 4, text.replace("-", "−"), "end"),
      ),
    `<path class="aab-bar-up" data-series="gradients" d="${[...gradients].map(bar).join("")}"/>`,
    `<path class="aab-slope" d="${knobs.join("")}"/>`,
    `<path class="aab-zero" d="M${point(LEFT, Y(0))}H${width - 4}"/>`,
  ].join("");
  const grips = root.querySelectorAll(".aab-grip");
  grips.forEach((grip, k) => {
    grip.style.left = `${LEFT + k * wide}px`;
    grip.style.width = `${wide}px`;
    grip.setAttribute("aria-valuenow", gradients[k].toFixed(3));
  });
}

function drawDrifts({ root, id }, drifts) {
  const svg = root.querySelector('[data-chart="drifts"]');
  const width = svg.parentElement.clientWidth;
  if (!width) return;
  const height = 128;
  const [x0, x1] = [84, width - 64];
  const X = (D) =>
    x0 + (x1 - x0) * (0.5 + Math.sign(D) * 0.5 * Math.sqrt(Math.min(Math.abs(D) / LARGEST, 1)));
  const rows = drifts.map((D, k) => {
    const y = 30 + 32 * k;
    const bar = `M${point(X(0), y)}H${X(D).toFixed(1)}V${y + 20}H${X(0).toFixed(1)}Z`;
    const style = `style="${LINE_STYLES[SHOWN[k]]}"`;
    return [
      `<text class="aab-label aab-hue" ${style} x="0" y="${y + 15}">${METHODS[SHOWN[k]].label}</text>`,
      `<path class="${D > 0 ? "aab-bar-down" : "aab-bar-fine"}" data-series="${SHOWN[k]}" d="${bar}"/>`,
      D > 0 ? `<path fill="url(#${id}-bars)" d="${bar}"/>` : "",
      textAt("aab-tick", width, y + 15, plain(D), "end"),
    ].join("");
  });
  const found = drifts.map((D, k) => `${METHODS[SHOWN[k]].label} ${plain(D)}`).join(", ");
  const sentence = `Bar chart of the drift numbers of three methods on these gradients: ${found}.`;
  svg.setAttribute("viewBox", `0 0 ${width} ${height}`);
  svg.setAttribute("aria-label", sentence);
  svg.innerHTML = [
    `<desc>${escapeText(sentence)}</desc>`,
    `<pattern id="${id}-bars" width="7" height="7" patternUnits="userSpaceOnUse" ` +
      'patternTransform="rotate(45)"><path class="aab-bar-hatch" d="M0,0V7"/></pattern>',
    textAt("aab-title", 0, 13, "drift number D"),
    ...rows,
    `<path class="aab-zero" d="M${point(X(0), 24)}V${height - 6}"/>`,
  ].join("");
}

const STEPS = {
  ArrowUp: 0.05,
  ArrowRight: 0.05,
  ArrowDown: -0.05,
  ArrowLeft: -0.05,
  PageUp: 0.25,
  PageDown: -0.25,
  Home: -2,
  End: 2,
};

function mountGradients(context) {
  const { root, change, read } = context;
  const area = root.querySelector(".aab-bars");
  const svg = area.querySelector("svg");
  const grips = [...area.querySelectorAll(".aab-grip")];
  const set = (k, value) => change(valuesOf(held(gradientsOf(read()), k, value)));
  let taken = null;
  area.addEventListener("pointerdown", () => (taken = null));
  followPointer(area, svg, (x, y) => {
    const { width, height } = svg.getBoundingClientRect();
    const last = NAMES.length - 1;
    taken ??= Math.min(Math.max(Math.floor((x - LEFT) / columns(width)), 0), last);
    set(taken, +((height / 2 + 9 - y) / (height / 2 - 19)).toFixed(2));
  });
  grips.forEach((grip, k) => {
    keepKeys(grip);
    grip.addEventListener("keydown", (event) => {
      if (!(event.key in STEPS)) return;
      event.preventDefault();
      set(k, gradientsOf(read())[k] + STEPS[event.key]);
    });
  });
  return ({ gradients, drifts }) => {
    drawGradients(root, gradients);
    drawDrifts(context, drifts);
  };
}

// Buttons that set all gradients at once.
function presetControl({ name, presets }, id, change) {
  const box = element(
    `<div class="aab-control aab-presets" data-control="${name}" id="${id}"></div>`,
  );
  for (const { text, gradients } of presets) {
    const button = element(`<button type="button" class="aab-button">${text}</button>`);
    button.addEventListener("click", () => change(valuesOf(gradients)));
    box.append(button);
  }
  return { element: box, refresh() {} };
}

const GRIPS = NAMES.map(
  (_, k) =>
    `<div class="aab-grip" role="slider" tabindex="0" aria-orientation="vertical" aria-valuemin="-1"
      aria-valuemax="1" aria-valuenow="0" aria-label="Gradient of round ${k + 1}"></div>`,
).join("");

const nameOf = (k) => METHODS[SHOWN[k]].label;

export const EXPLORER = {
  title: "Explorer of the gradients of a period",
  traits: [...NAMES, "beta2"],
  figure: `<div class="aab-chart aab-bars"><svg data-chart="gradients" aria-hidden="true"></svg>
    ${GRIPS}</div>${chartFrame("drifts")}`,
  legend: `β₁ = 0.5. The other bars give way, so that the mean stays ${MEAN} and −1 the best point.
    Hatched: D > 0, the method goes to the worst point. Lengths by the root.`,
  compute: computeDrifts,
  mount: mountGradients,
  annotate: () => ({}),

  controls: () => [
    {
      make: presetControl,
      name: "worst",
      presets: [
        { text: "Adam's worst, a sawtooth", gradients: WORST.adam },
        { text: "ADOPT's worst", gradients: WORST.adopt },
      ],
    },
    beta2Control(fadeScale(4, 20)),
  ],

  sentences({ drifts }) {
    const named = (fails) => SHOWN.map((_, k) => k).filter((k) => drifts[k] > 0 === fails);
    const bold = (ks, verdict) =>
      ks.map((k) => `<strong class="aab-${verdict}">${nameOf(k)}</strong>`).join(" and ");
    const [bad, good] = [named(true), named(false)];
    const up = bad.length
      ? `${bold(bad, "fails")} ${bad.length > 1 ? "go" : "goes"} to the worst point`
      : "";
    const down = good.length ? `${bold(good, "fine")} to the best` : "";
    return [up && down ? `${up}, ${down}.` : up ? `${up}.` : "All three go to the best point."];
  },
};

export default explorerWidget(EXPLORER);
