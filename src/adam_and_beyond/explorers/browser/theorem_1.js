// The explorer of Theorem 1: slopes C, -1, -1 for ever, one method.

const C_SCALE = logScale(1, 100, 200, 3);
const BETA_SCALE = linearScale(0, 0.995, 0.005);

const CONTROLS = [
  {
    kind: "range", name: "beta2", label: "β₂", note: "memory of squares",
    scale: BETA_SCALE, show: (v) => decayText(v),
  },
  {
    kind: "range", name: "C", label: "C", note: "slope of every third loss",
    scale: C_SCALE, show: (v) => significant(v, 4),
  },
  {
    kind: "range", name: "beta1", label: "β₁", note: "memory of gradients",
    scale: BETA_SCALE, show: (v) => decayText(v),
  },
  {
    kind: "range", name: "alpha", label: "α", note: "step size is α/√t",
    scale: logScale(0.001, 10, 240, 3), show: (v) => significant(v, 4),
  },
  {
    kind: "range", name: "steps", label: "T", note: "number of steps",
    scale: logScale(10, 100000, 240, 2), show: counted, whole: true,
  },
  {
    kind: "range", name: "x1", label: "x₁", note: "where the run starts",
    scale: linearScale(-1, 1, 0.05), show: (v) => minus(significant(v)),
  },
  {
    kind: "select", name: "method", label: "method",
    options: Object.entries(RULES).map(([name, { label }]) => [name, label]),
  },
  { kind: "toggle", name: "log_t", label: "logarithmic step axis" },
];

const problemOf = ({ C }) => ({ gradients: [C, -1, -1], lower: -1, upper: 1 });

// The marks of one slider, in order: where the verdict flips, and the value that the paper prints.
function hintOf(name, values, paper) {
  const { method } = values;
  const { label, scale, show } = CONTROLS.find((spec) => spec.name === name);
  const lacking = name !== "C" && !takes(method, name);
  if (lacking) return { off: `${RULES[method].label} has no ${label}` };
  const { flips, regions } = alongSlider(scale, (value) => {
    const changed = { ...values, [name]: value };
    return theory(method, changed, problemOf(changed));
  });
  const marks = flips
    .filter((value) => !paper || Math.abs(value - paper.value) > 1e-9)
    .map((value) => mark(label, value, show(value), "flips", "there the verdict flips"));
  if (paper) marks.push(mark(label, paper.value, show(paper.value), "paper", paper.why));
  return { marks: marks.sort((a, b) => a.value - b.value), regions };
}

const mark = (label, value, shown, word, why) => ({
  value,
  text: `${shown} ${word}`,
  hint: `Set ${label} to ${shown}: ${why}`,
});

const KIND = {
  title: "Explorer of Theorem 1",
  traits: ["method", "C", "beta1", "beta2", "alpha", "steps", "log_t", "x1"],
  methods: ({ method }) => [method],
  problem: problemOf,
  limitText: () => "limit\n(2C − 4)/3",
  controls: () => CONTROLS,

  hints(values) {
    const { method, C, beta2 } = values;
    const limit = Math.sqrt(1 - beta2);
    const bound = "the theorem wants less, α < √(1 − β₂)";
    return {
      C: hintOf("C", values, {
        value: 2,
        why: "the theorem wants more; at 2 no point is better than another",
      }),
      beta1: hintOf("beta1", values),
      beta2: hintOf("beta2", values, {
        value: 1 / (1 + C * C),
        why: "the theorem's choice, 1/(1 + C²)",
      }),
      alpha: {
        marks: takes(method, "beta2")
          ? [mark("α", limit, significant(limit, 4), "paper", bound)]
          : [],
      },
      x1: { marks: [mark("x₁", 1, "1", "paper", "the theorem starts here")] },
    };
  },
};
