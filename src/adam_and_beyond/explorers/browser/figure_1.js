// The explorer of Figure 1: slope 1010 once in 101 rounds, else -10; several methods at once.

const GRADIENTS = Float64Array.from({ length: 101 }, (_, k) => (k === 0 ? 1010 : -10));
const BETA1_SCALE = fadeScale(3, 60);
const BETA2_SCALE = fadeScale(5, 50);

const KIND = {
  title: "Explorer of Figure 1",
  traits: ["beta1", "beta2", "alpha", "schedule", "methods", "steps", "log_t"],
  methods: (values) => Object.keys(RULES).filter((name) => values.methods.includes(name)),
  problem: () => ({ gradients: GRADIENTS, lower: -1, upper: 1 }),
  limitText: () => "20/101",

  controls: (hues) => [
    {
      kind: "range", name: "beta2", label: "β₂", note: "memory of squares",
      scale: BETA2_SCALE, show: (v) => decayText(v),
    },
    {
      kind: "range", name: "beta1", label: "β₁", note: "memory of gradients",
      scale: BETA1_SCALE, show: (v) => decayText(v),
    },
    {
      kind: "range", name: "alpha", label: "α", note: "scale of the step",
      scale: logScale(1e-5, 10, 240, 2), show: (v) => significant(v),
    },
    {
      kind: "range", name: "steps", label: "T", note: "number of steps",
      scale: logScale(1000, 1000000, 150, 2), show: counted, whole: true,
    },
    {
      kind: "select", name: "schedule", label: "step size",
      options: [["inverse_sqrt", "α/√t"], ["constant", "constant α"]],
    },
    { kind: "toggle", name: "log_t", label: "logarithmic step axis" },
    {
      kind: "checks", name: "methods", label: "methods",
      options: Object.entries(RULES).map(([name, { label }]) => [name, label, hues[name]]),
    },
  ],

  hints(values) {
    const problem = KIND.problem(values);
    const chosen = KIND.methods(values);
    const hint = (name, symbol, scale) => {
      const users = chosen.filter((method) => takes(method, name));
      if (!users.length) return { off: `None of the chosen methods has a ${symbol}` };
      const found = new Map(); // flip, as shown -> {value, labels}
      let regions = [];
      for (const method of users) {
        const at = (value) => theory(method, { ...values, [name]: value }, problem);
        const line = alongSlider(scale, at);
        // The track can show one method: the first that may fail.
        if (!regions.some((r) => r.verdict === "fails")) regions = line.regions;
        for (const value of line.flips) {
          const shown = decayText(value);
          const others = found.get(shown)?.labels ?? [];
          found.set(shown, { value, labels: [...others, RULES[method].label] });
        }
      }
      const marks = [...found].map(([shown, { value, labels }]) => ({
        value,
        text: `${shown} ${labels[0]} flips`,
        hint: `Set ${symbol} to ${shown}, where the verdict on ${labels.join(" and ")} flips`,
      }));
      return { marks: marks.sort((a, b) => a.value - b.value), regions };
    };
    return {
      beta1: hint("beta1", "β₁", BETA1_SCALE),
      beta2: hint("beta2", "β₂", BETA2_SCALE),
    };
  },
};
