// The explorer of the exact boundary: the sign of D over a plane, the paper's conditions on top,
// and beside it the run at the point.

const ALPHA = 1; // step size 1/sqrt(t)
const BETA1_SCALE = fadeScale(3, 60);
const BETA2_SCALE = fadeScale(6, 50);
const C_SCALE = countScale(2, 1000);
const NODES = { coarse: 61, fine: 141 };

const AXES = {
  beta1: { ...fadeAxis("β₁", 3), name: "beta1", scale: BETA1_SCALE },
  beta2: { ...fadeAxis("β₂", 5), name: "beta2", scale: BETA2_SCALE },
  beta2Longer: { ...fadeAxis("β₂", 6), name: "beta2", scale: BETA2_SCALE },
  C: { ...logAxis("C", 2, 1000), name: "C", scale: C_SCALE },
};

const PLANES = {
  betas: { x: AXES.beta1, y: AXES.beta2, text: "β₁ and β₂" },
  rarity: { x: AXES.C, y: AXES.beta2Longer, text: "C and β₂" },
};

const CONTROLS = [
  {
    kind: "select", name: "plane", label: "map over",
    options: Object.entries(PLANES).map(([name, { text }]) => [name, text]),
  },
  {
    kind: "select", name: "method", label: "method",
    options: Object.entries(RULES).map(([name, { label }]) => [name, label]),
  },
  {
    kind: "range", name: "beta2", label: "β₂", note: "memory of squares",
    scale: BETA2_SCALE, show: (v) => decayText(v),
  },
  {
    kind: "range", name: "beta1", label: "β₁", note: "memory of gradients",
    scale: BETA1_SCALE, show: (v) => decayText(v),
  },
  {
    kind: "range", name: "C", label: "C", note: "slope of the rare loss",
    scale: C_SCALE, show: counted, whole: true,
  },
  {
    kind: "range", name: "P", label: "P", note: "period, it comes once in P",
    scale: C_SCALE, show: counted, whole: true,
  },
  { kind: "toggle", name: "tied", label: "P = C, as in Theorem 2" },
  {
    kind: "range", name: "epsilon", label: "ε", note: "added to the denominator",
    scale: logScale(1e-3, 1e5, 240, 2), show: (v) => significant(v),
  },
  {
    kind: "range", name: "steps", label: "T", note: "number of steps",
    scale: logScale(1000, 1000000, 150, 2), show: counted, whole: true,
  },
];

const tie = (values) => (values.tied ? { ...values, P: values.C } : values);

function problemOf({ C, P }) {
  const gradients = new Float64Array(P).fill(-1);
  gradients[0] = C;
  return { gradients, lower: -1, upper: 1 };
}

const SIDES = Object.values(THEOREM_2);

// How far Theorem 2's conditions hold: the least logarithm of a right side over a left one. It is
// nearly linear across a cell of the map, however steep the sides.
function leastMargin(beta1, beta2, C) {
  let least = Math.log(beta2 / (beta1 * beta1));
  for (const { left, right } of SIDES) {
    least = Math.min(least, Math.log(right(beta1, beta2, C) / left(beta1, beta2, C)));
  }
  return Number.isNaN(least) ? -1 : Math.min(Math.max(least, -1e3), 1e3); // 0/0: beyond its range
}

// The beta1 that Theorem 2 is about at these values; null where it says nothing about the method.
function theorem2Beta1({ method, beta1, C, P }) {
  return C === P ? ({ adam: beta1, rmsprop: 0 }[method] ?? null) : null;
}

// The values at the place (u, v) of the map.
const valuesAt = (values, { x, y }, u, v) =>
  tie({ ...values, [x.name]: valueOn(x, u), [y.name]: valueOn(y, v) });

function valueOn({ name, value }, share) {
  return name === "C" ? Math.round(value(share)) : value(share);
}

// Nodes along an axis; along C they stand at whole numbers.
function nodesOf(axis, count) {
  if (axis.name !== "C") return evenly(count);
  const wholes = new Set(evenly(count).map((u) => valueOn(axis, u)));
  return [...wholes].map(axis.share);
}

function mapOf(values, count) {
  const { method, plane, tied } = values;
  const { x, y } = PLANES[plane];
  // What the map depends on: not on its own axes, nor on the run.
  const rest = { ...values, [x.name]: 0, [y.name]: 0, steps: 0, P: tied ? 0 : values.P };
  const key = JSON.stringify([count, rest]);
  const [us, vs] = [nodesOf(x, count), nodesOf(y, count)];
  const columns = us.map((u) => problemOf(valuesAt(values, { x, y }, u, 0)).gradients);
  const slopes = columns.map(meanOf);
  const betas1 = us.map((u) => (x.name === "beta1" ? x.value(u) : values.beta1));
  const betas2 = vs.map(y.value);
  const { epsilon } = values;
  // Positive where the method goes to the worse end.
  const at = (j, k) => {
    const h = { beta1: betas1[j], beta2: betas2[k], epsilon };
    return driftNumber(method, h, columns[j]) * slopes[j];
  };
  return new SignMap({ key, us, vs, at });
}

function theorem2Map(values) {
  const { x, y } = PLANES[values.plane];
  const [us, vs] = [nodesOf(x, NODES.coarse), nodesOf(y, NODES.coarse)];
  const columns = us.map((u) => valuesAt(values, { x, y }, u, 0));
  const rates = vs.map(y.value);
  const betas = columns.map(theorem2Beta1);
  const at = (j, k) => leastMargin(betas[j], rates[k], columns[j].C);
  const map = new SignMap({ us, vs, at });
  map.advance();
  return map;
}

function startBoundary(kind, values, before) {
  const job = startRuns(kind, { ...values, alpha: ALPHA, log_t: false, x1: 0 });
  const coarse = mapOf(values, NODES.coarse);
  const fine = mapOf(values, NODES.fine);
  const known = before && [coarse.key, fine.key].includes(before.map.key);
  const map = known ? before.map : coarse;
  return {
    ...job,
    map,
    work: [map, ...job.runs],
    finer: () =>
      map.key === fine.key ? null : { ...job, map: fine, work: [fine], idle: true },
  };
}

function drawBoundary(context) {
  const { root, parts } = context;
  const wide = root.clientWidth >= 580;
  drawCharts({ ...context, height: wide ? 200 : 150 });
  const width = root.querySelector(".aab-map").clientWidth;
  if (width) parts.map.show(mapPicture(context, width, wide ? 408 : 320));
}

const at = (x, y) => `x="${x.toFixed(1)}" y="${y.toFixed(1)}"`;

function mapPicture({ id, values, map, theories }, width, height) {
  const { x, y } = PLANES[values.plane];
  const box = planeBox({ width, height }, x, y);
  const X = (u) => box.x0 + u * (box.x1 - box.x0);
  const Y = (v) => box.y0 - v * (box.y0 - box.y1);
  const fails = positivePart(map, X, Y);
  const paper = theorem2Beta1(values) === null ? null : theorem2Map(values);
  const inside = [
    clipTo(`${id}-cm`, box),
    `<pattern id="${id}-hatch" width="7" height="7" patternUnits="userSpaceOnUse" ` +
      'patternTransform="rotate(45)"><path class="aab-hatch" d="M0,0V7"/></pattern>',
    `<g clip-path="url(#${id}-cm)">`,
    `<rect class="aab-area-fine" ${at(box.x0, box.y1)} width="${(box.x1 - box.x0).toFixed(1)}" ` +
      `height="${box.y0 - box.y1}"/>`,
    `<path class="aab-area-fails" data-series="map" d="${fails.area}"/>`,
    `<path fill="url(#${id}-hatch)" d="${fails.area}"/>`,
    `<path class="aab-boundary" d="${fails.edge}"/>`,
    ...(paper ? paperPart(paper, X, Y) : []),
    "</g>",
    planeAxes(box, x, y),
    ...mapLabels(box, map, paper),
    crosshair(box, values[x.name], values[y.name]),
  ].join("");
  return {
    width,
    height,
    box,
    inside,
    now: Math.round(y.scale.toPosition(values[y.name])),
    most: y.scale.positions,
    text: placeText(values, { x, y }, theories[0]),
  };
}

// Names of the parts, where these have room, apart from each other.
function mapLabels(box, map, paper) {
  const found = [
    [roomFor(map, true, 0.16), "worst point"],
    [roomFor(map, false, 0.16), "best point"],
    [paper && roomFor(paper, true, 0.07), "Theorem 2"],
  ].filter(([room]) => room);
  const rows = spread(
    found.map(([{ v }]) => box.y0 - v * (box.y0 - box.y1)),
    found.map(() => 18),
    box.y1,
    box.y0,
  );
  return found.map(([{ u }, text], k) => {
    const middle = box.x0 + u * (box.x1 - box.x0);
    const x = Math.min(Math.max(middle, box.x0 + 44), box.x1 - 44); // half a label to each side
    return `<text class="aab-place" text-anchor="middle" ${at(x, rows[k] + 4)}>${text}</text>`;
  });
}

function paperPart(map, X, Y) {
  const { area, edge } = positivePart(map, X, Y);
  return [
    `<path class="aab-paper-area" d="${area}"/>`,
    `<path class="aab-paper-edge" data-series="paper" d="${edge}"/>`,
  ];
}

function crosshair(box, x, y) {
  const [X, Y] = [box.X(x), box.Y(y)];
  const inside = X >= box.x0 && X <= box.x1 && Y >= box.y1 && Y <= box.y0;
  if (!inside) return "";
  return (
    `<path class="aab-cross" d="M${point(X, box.y0)}V${box.y1}M${point(box.x0, Y)}H${box.x1}"/>` +
    `<circle class="aab-here" cx="${X.toFixed(1)}" cy="${Y.toFixed(1)}" r="6"/>`
  );
}

const ENDS = {
  fails: "goes to the worst point",
  fine: "goes to the best point",
  open: "is on the boundary",
};

function placeText(values, { x, y }, { method, verdict }) {
  const show = (name) => {
    const { label, show } = CONTROLS.find((spec) => spec.name === name);
    return `${label} ${show(values[name])}`;
  };
  return `${show(x.name)}, ${show(y.name)}: ${RULES[method].label} ${ENDS[verdict]}`;
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

const KIND = {
  title: "Explorer of the exact boundary",
  traits: ["plane", "method", "beta1", "beta2", "C", "P", "tied", "epsilon", "steps"],
  charts: `${mapPlace}<div class="aab-stack">${RUNS.charts}</div>`,
  key: verdictKey("Map and sliders, by the sign of D:"),
  methods: ({ method }) => [method],
  seen: tie,
  problem: problemOf,
  limitText: ({ C, P }) => (P === C ? "limit 2/C" : "limit"),
  controls: () => CONTROLS,
  start: startBoundary,
  draw: drawBoundary,

  sentences(job, hues) {
    const [sentence] = runSentences(job, hues);
    return [sentence + paperSentence(job.values)];
  },

  // Fast keys come before the redraw, so they start from what is asked for, not from what is shown.
  parts({ root, change, read }) {
    const map = mapView(root, {
      name: "Map of where the method goes",
      describe: "arrow keys move the point, with Shift by larger steps",
      move(u, v) {
        const { x, y } = PLANES[read().plane];
        change({ [x.name]: pick(x, x.value(u)), [y.name]: pick(y, y.value(v)) });
      },
      nudge(dx, dy) {
        const now = read();
        const { x, y } = PLANES[now.plane];
        change({ [x.name]: pick(x, now[x.name], dx), [y.name]: pick(y, now[y.name], dy) });
      },
    });
    return { map };
  },

  hints(values) {
    const { method, tied } = values;
    const problem = problemOf(values);
    const hint = (name, symbol) => {
      if (!takes(method, name)) return { off: `${RULES[method].label} has no ${symbol}` };
      const { scale, show } = CONTROLS.find((spec) => spec.name === name);
      const { flips, regions } = alongSlider(scale, (value) =>
        theory(method, { ...values, [name]: value }, problem),
      );
      const marks = flips.map((value) => ({
        value,
        text: `${show(value)} flips`,
        hint: `Set ${symbol} to ${show(value)}: there the verdict flips`,
      }));
      return { marks, regions };
    };
    return {
      beta1: hint("beta1", "β₁"),
      beta2: hint("beta2", "β₂"),
      epsilon: hint("epsilon", "ε"),
      P: tied ? { off: "The period is C, as in Theorem 2" } : {},
    };
  },
};

// The slider's value nearest to the given one, or some positions further; 0 further is itself.
function pick({ scale }, value, further) {
  if (further === 0) return value;
  const wanted = Math.round(scale.toPosition(value)) + (further ?? 0);
  return scale.toValue(Math.min(Math.max(wanted, 0), scale.positions));
}
