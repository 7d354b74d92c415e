// What opens the chapter on large output spaces: what Adam leaves of each class of a softmax.

import { logAxis } from "./axes.js";
import { LINE_STYLES } from "./colour.js";
import { countsOf } from "./counts.js";
import { chartFrame, explorerWidget } from "./explorer.js";
import { meanDirection } from "./field.js";
import { curvePath, drawPlane, planeAxes } from "./plane.js";
import { rangeControl } from "./range.js";
import { beta1Control, beta2Control } from "./rates.js";
import { countScale, fadeScale, linearScale, listScale } from "./scales.js";
import { point, textAt } from "./svg.js";
import { counted, plain, significant } from "./text.js";

const SOLVED = 16; // classes that are solved for; the others lie between them

const FLOOR = -40; // of ln(q / p): what is less is drawn at the floor

const NUDGE = 1e-4;

const ROUNDS = 40;

const kappaOf = ({ beta1, beta2 }) => 1 / (1 / (1 - beta2) + beta1 / (1 - beta1));

// Frequencies of Zipf's law, rank^-exponent.
function zipf({ classes, exponent }) {
  const p = Float64Array.from({ length: classes }, (_, k) => (k + 1) ** -exponent);
  const total = p.reduce((sum, value) => sum + value, 0);
  return p.map((value) => value / total);
}

const clamp = (value, low, high) => Math.min(Math.max(value, low), high);

// Per solved rank: the field of its logit as a function of ln Q, Q = q times batch.
function fieldsOf({ beta1, beta2, batch }, p, ranks) {
  const direction = meanDirection(beta1, beta2);
  return ranks.map((rank) => {
    const { counts, chances } = countsOf(p[rank - 1], batch);
    return (logQ) => {
      const Q = Math.exp(logQ);
      return -direction(
        counts.map((count) => Q - count),
        chances,
      );
    };
  });
}

// The common drift at which the probabilities have the sum 1, fields being linear near `logs`.
function driftOf(sum, logs, fields, slopes) {
  const at = (drift) =>
    logs.map((log, k) => clamp(log + clamp((drift - fields[k]) / slopes[k], -1.5, 1.5), FLOOR, 3));
  let [low, high] = [-1, 1];
  for (let k = 0; k < 36; k++) {
    const middle = (low + high) / 2;
    if (sum(at(middle)) > 1) low = middle;
    else high = middle;
  }
  return { drift: low, next: at(low) };
}

export function computeKept(values, previous = null) {
  const { batch, classes } = values;
  const p = zipf(values);
  const wanted = Array.from({ length: SOLVED }, (_, k) => classes ** (k / (SOLVED - 1)));
  const ranks = [...new Set(wanted.map(Math.round))];
  const functions = fieldsOf(values, p, ranks);
  const offsets = ranks.map((rank) => Math.log(p[rank - 1] * batch));
  // Sums over all classes are dear: ranks stand for those around them.
  const [some, weights] = representatives(p);
  const sum = (logs) => sumOver(some, weights, ranks, logs);
  // A drag moves the result by little: the last one is a good start.
  const guess = (rank) => Math.log(Math.max(1 - kappaOf(values) / (2 * p[rank - 1] * batch), 0.1));
  let logs = previous?.logs.length === ranks.length ? previous.logs : ranks.map(guess);
  let drift = 0;
  for (let round = 0; round < ROUNDS; round++) {
    const fields = functions.map((field, k) => field(logs[k] + offsets[k]));
    const slopes = functions.map(
      (field, k) => (field(logs[k] + offsets[k] + NUDGE) - fields[k]) / NUDGE,
    );
    const found = driftOf(sum, logs, fields, slopes);
    const moved = Math.max(...found.next.map((log, k) => Math.abs(log - logs[k])));
    [logs, drift] = [found.next, found.drift];
    if (moved < 1e-4) break;
  }
  const excess = -some.reduce((total, c, k) => total + weights[k] * logAt(c, ranks, logs), 0);
  const lost = some.reduce(
    (total, c, k) => total + weights[k] * Math.max(1 - Math.exp(logAt(c, ranks, logs)), 0),
    0,
  );
  const half = firstBelow(ranks, logs, classes);
  const rank = Math.min(values.rank, classes);
  const chosen = { rank, met: p[rank - 1] * batch, share: Math.exp(logAt(rank, ranks, logs)) };
  const shares = logs.map(Math.exp);
  return { values, p, ranks, shares, logs, drift, excess, lost, half, chosen, tasks: [] };
}

// Ranks, and the frequency of the classes around each of them.
function representatives(p) {
  const [some, weights] = [[], []];
  for (let c = 1; c <= p.length;) {
    const next = Math.min(Math.max(c + 1, Math.round(c * 1.08)), p.length + 1);
    let weight = 0;
    for (let k = c; k < next; k++) weight += p[k - 1];
    some.push(Math.sqrt(c * (next - 1)));
    weights.push(weight);
    c = next;
  }
  return [some, weights];
}

// A cubic through the four solved ranks around a class, in the logarithm of the rank.
function logAt(c, ranks, logs) {
  let k = 0;
  while (k < ranks.length - 4 && c > ranks[k + 2]) k += 1;
  const places = [0, 1, 2, 3].map((j) => Math.log(ranks[k + j]));
  const x = Math.log(c);
  return places.reduce((total, at, j) => {
    const factor = places.reduce(
      (product, other, i) => (i === j ? product : (product * (x - other)) / (at - other)),
      1,
    );
    return total + factor * logs[k + j];
  }, 0);
}

const sumOver = (some, weights, ranks, logs) =>
  some.reduce((total, c, k) => total + weights[k] * Math.exp(logAt(c, ranks, logs)), 0);

// The first rank that keeps less than half of what is its, or null.
function firstBelow(ranks, logs, classes) {
  for (let c = 1; c <= classes; c = Math.max(c + 1, Math.floor(c * 1.01))) {
    if (logAt(c, ranks, logs) < -Math.LN2) return c;
  }
  return null;
}

function drawKept({ root }, { values, ranks, shares, logs, half, chosen }) {
  const x = logAxis("rank of the class", 1, values.classes);
  const y = logAxis("kept share q/p", 1e-3, 3);
  const drawn = Array.from({ length: 90 }, (_, k) => values.classes ** (k / 89));
  const points = drawn.map((rank) => [rank, Math.max(Math.exp(logAt(rank, ranks, logs)), 1e-3)]);
  const told = half ? `From rank ${counted(half)} on less than half is kept.` : "";
  drawPlane(root, {
    name: "kept",
    sentence:
      `Line plot of the share that Adam keeps of a class against its rank, both axes logarithmic, ` +
      `from ${significant(shares[0])} to ${significant(shares.at(-1))}. ${told}`,
    x,
    y,
    height: root.clientWidth < 580 ? 240 : 300,
    inside(box) {
      const level = `<path class="aab-level" d="M${point(box.x0, box.Y(1))}H${box.x1.toFixed(1)}"/>`;
      const from = half ? box.X(half) : 0;
      const bend = half
        ? `<path class="aab-level" d="M${point(from, box.y0)}V${box.y1}"/>` +
          textAt(
            "aab-label",
            from - 6,
            box.y0 - 8,
            `half is lost from ${counted(half)} on`,
            from > (box.x0 + box.x1) / 2 ? "end" : "start",
          )
        : "";
      return [
        planeAxes(box, x, y),
        level,
        bend,
        `<path class="aab-line aab-hue" style="${LINE_STYLES.adam}" data-series="adam" ` +
          `d="${curvePath(points, box)}"/>`,
        `<circle class="aab-ball aab-hue" style="${LINE_STYLES.adam}" r="5" ` +
          `cx="${box.X(chosen.rank).toFixed(1)}" ` +
          `cy="${box.Y(Math.max(chosen.share, 1e-3)).toFixed(1)}"/>`,
      ].join("");
    },
  });
}

const BATCHES = [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024, 2048, 4096];

export const EXPLORER = {
  title: "Explorer of what Adam keeps of rare classes",
  traits: ["beta1", "beta2", "batch", "classes", "exponent", "rank"],
  figure: chartFrame("kept"),
  legend: "A softmax at rest: its logits are the parameters, class c has frequency c to the −s.",
  compute: computeKept,
  mount: (context) => (result) => drawKept(context, result),
  annotate: () => ({}),

  controls: () => [
    beta2Control(fadeScale(4, 30)),
    {
      make: rangeControl,
      name: "batch",
      label: "B",
      note: "draws in a step",
      scale: listScale(BATCHES),
      format: counted,
    },
    {
      make: rangeControl,
      name: "rank",
      label: "c",
      note: "a class, by its rank",
      scale: countScale(1, 50_000),
      format: counted,
    },
    { ...beta1Control(listScale([0, 0.5, 0.8, 0.9, 0.95])), more: true },
    {
      make: rangeControl,
      more: true,
      name: "classes",
      label: "n",
      note: "classes",
      scale: countScale(10, 50_000),
      format: counted,
    },
    {
      make: rangeControl,
      more: true,
      name: "exponent",
      label: "s",
      note: "exponent of Zipf's law",
      scale: linearScale(0.5, 1.5, 0.05),
      format: significant,
    },
  ],

  sentences({ values, drift, excess, lost, half, chosen }) {
    const bend = 2 / kappaOf(values);
    const { rank, met, share } = chosen;
    const often =
      met < 1 ? `once in ${counted(1 / met)} steps` : `${significant(met)} times a step`;
    const verdict = half
      ? `<strong class="aab-fails">Classes from rank ${counted(half)} on keep less than half.</strong>`
      : '<strong class="aab-fine">Every class keeps more than half.</strong>';
    return [
      `${verdict} Class ${counted(rank)}, met ${often}, keeps ${significant(100 * share)} %; the ` +
        `law bends at once in ${counted(bend)} steps.`,
      `Classes that lose give away ${plain(lost)} of all probability. The loss exceeds the best ` +
        `one by ${plain(excess)} nats; all logits drift by ${plain(drift)} per step and α.`,
    ];
  },
};

export default explorerWidget(EXPLORER);
