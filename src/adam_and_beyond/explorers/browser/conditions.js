// The explorer of Theorem 2's conditions: both sides of each over C, where it first holds, and
// where Adam first fails.

const DASHES = { i: "2 3", ii: "none", iii: "8 4" };
const RATIO = [1e-3, 1e3]; // ends of the axis of left over right side
const Y_AXIS = logAxis("left side / right side", ...RATIO, (at) =>
  at === 1 ? "1" : `10${superscript(Math.round(Math.log10(at)))}`,
);

function superscript(power) {
  const digits = "⁰¹²³⁴⁵⁶⁷⁸⁹";
  return (power < 0 ? "⁻" : "") + [...String(Math.abs(power))].map((d) => digits[d]).join("");
}

function startConditions(kind, values) {
  const exact = new RarityScan(hyper(values));
  return { values, exact, paper: provedFrom(values), work: [exact] };
}

// Even numbers, each while they are small, to the end of the axis.
function evenNumbers(high) {
  const found = [];
  for (let C = 2; C <= high; C = Math.max(C + 2, 2 * Math.round(C * 0.515))) found.push(C);
  return found;
}

function drawConditions({ root, hues, values, exact, paper }) {
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
        clipTo(`${root.id}-cc`, box),
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
        ...flags.map(([C, text, kind], k) => flag(box, C, `${text} ${counted(C)}`, kind, k, hues)),
      ].join(""),
  });
}

const beyond = ({ X, x1, y0, y1 }, C) =>
  `<rect class="aab-area-fails" x="${X(C).toFixed(1)}" y="${y1}" ` +
  `width="${Math.max(x1 - X(C), 0).toFixed(1)}" height="${y0 - y1}"/>`;

// A mark at C on the line where both sides are equal, and a label in a row of its own.
function flag(box, C, text, kind, row, hues) {
  const x = box.X(C);
  const y = box.y1 + 18 + 17 * row;
  const left = x > (box.x0 + box.x1) / 2;
  const place = `text-anchor="${left ? "end" : "start"}" x="${(x + (left ? -6 : 6)).toFixed(1)}"`;
  const ground = kind === "aab-hue" ? box.y0 : box.Y(1);
  return (
    `<path class="aab-cross" d="M${point(x, ground)}V${(y - 8).toFixed(1)}"/>` +
    (kind === "aab-hue" ? "" : spot(x, box.Y(1))) +
    `<text class="aab-place ${kind}" style="${hues.adam}" ${place} y="${y.toFixed(1)}">` +
    `${text}</text>`
  );
}

function plainSentence({ exact, paper }) {
  const proof = paper
    ? `Condition (i) holds from C = ${counted(paper.i)}, (ii) from ${counted(paper.ii)}, (iii) ` +
      `from ${counted(paper.iii)}: the proof works from C = ${counted(paper.together)}`
    : "The theorem wants β₁ < √β₂, so it says nothing here";
  return `${proof}. Adam first fails ${oneIn(exact.found)}.`;
}

const KIND = {
  title: "Explorer of Theorem 2's conditions",
  traits: ["beta1", "beta2"],
  charts: chartPlace("conditions"),
  key: "Below 1 a condition holds. (i) dotted, (ii) solid, (iii) dashed; both axes logarithmic.",
  controls: () => betaControls(3),
  start: startConditions,
  draw: drawConditions,
  sentences: (job) => [escapeText(plainSentence(job))],

  hints: ({ beta1, beta2 }) => ({
    beta1: { marks: [limitMark("beta1", "β₁", Math.sqrt(beta2), "√β₂")] },
    beta2: { marks: [limitMark("beta2", "β₂", beta1 * beta1, "β₁²")] },
  }),
};

const limitMark = (name, label, value, text) => ({
  value: Math.min(value, 1 - 1e-6),
  text: `${decayText(value)} ${text}`,
  hint: `Set ${label} to ${text}: the theorem wants β₁ < √β₂`,
});
