// The explorer of Theorem 1: slopes C, -1, -1 for ever, one method.

const C_SCALE = logScale(1, 100, 200, 3);
const BETA_SCALE = linearScale(0, 0.995, 0.005);

const KIND = {
  title: "Explorer of Theorem 1",
  traits: ["method", "C", "beta1", "beta2", "alpha", "steps", "log_t", "x1"],
  methods: ({ method }) => [method],
  problem: ({ C }) => ({ gradients: [C, -1, -1], lower: -1, upper: 1 }),
  limitText: () => "limit\n(2C − 4)/3",

  controls: () => [
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
  ],

  hints(values) {
    const { method, C, beta2 } = values;
    const at = (change) => {
      const changed = { ...values, ...change };
      return theory(method, changed, KIND.problem(changed));
    };
    const label = RULES[method].label;
    const hint = (name, symbol, scale, show, paper) => {
      if (name !== "C" && !takes(method, name)) return { off: `${label} has no ${symbol}` };
      const { flips, regions } = alongSlider(scale, (value) => at({ [name]: value }));
      const marks = flips
        .filter((value) => !paper || Math.abs(value - paper.value) > 1e-9)
        .map((value) => ({
          value,
          text: `${show(value)} flips`,
          hint: `Set ${symbol} to ${show(value)}, where D = 0 and the verdict flips`,
        }));
      if (paper) {
        marks.push({ ...paper, hint: `Set ${symbol} to ${show(paper.value)}: ${paper.hint}` });
      }
      return { marks: marks.sort((a, b) => a.value - b.value), regions };
    };
    const printed = 1 / (1 + C * C);
    const limit = Math.sqrt(1 - beta2);
    const bound = {
      value: limit,
      text: `${significant(limit, 4)} paper`,
      hint: `Set α to ${significant(limit, 4)}: the theorem wants less, α < √(1 − β₂)`,
    };
    const start = { value: 1, text: "1 paper", hint: "Set x₁ to 1, as in the theorem" };
    return {
      C: hint("C", "C", C_SCALE, (v) => significant(v, 4), {
        value: 2,
        text: "2 paper",
        hint: "the theorem wants more; at 2 no point is better than another",
      }),
      beta1: hint("beta1", "β₁", BETA_SCALE, (v) => decayText(v)),
      beta2: hint("beta2", "β₂", BETA_SCALE, (v) => decayText(v), {
        value: printed,
        text: `${decayText(printed)} paper`,
        hint: "the theorem's choice 1/(1 + C²)",
      }),
      alpha: { marks: takes(method, "beta2") ? [bound] : [] },
      x1: { marks: [start] },
    };
  },
};
