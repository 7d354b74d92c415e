// The paper's Figure 1: the gradient is 1010 once in 101 rounds and -10 otherwise, on [-1, 1].

const PERIOD = Float64Array.from({ length: 101 }, (_, k) => (k === 0 ? 1010 : -10));

function render({ model, el }) {
  const limits = model.get("limits");
  const range = (name) => ({ low: limits[name][0], high: limits[name][1] });
  const fields = {
    beta2: { kind: "slider", label: "β₂", scale: "decay", perDecade: 100, format: decayText, ...range("beta2") },
    beta1: { kind: "slider", label: "β₁", scale: "decay", perDecade: 100, format: decayText, ...range("beta1") },
    alpha: { kind: "slider", label: "α, scale of the step size", scale: "log", perDecade: 20, format: significant(3), ...range("alpha") },
    steps: { kind: "slider", label: "number of steps", scale: "log", perDecade: 20, integer: true, format: whole, ...range("steps") },
    schedule: { kind: "select", label: "step size", options: [["inverse_sqrt", "α/√t"], ["constant", "α (constant)"]] },
    log_t: { kind: "boxes", label: "step axis", text: "logarithmic" },
    methods: { kind: "boxes", label: "methods", options: Object.entries(RULES).map(([name, { label }]) => [name, label]) },
  };

  function describe(run, hyper) {
    const drift = driftNumber(run.name, hyper, PERIOD);
    const { label } = RULES[run.name];
    const at = plain(3)(run.x[run.x.length - 1]);
    if (drift === null) return `${label}: memory never fades; x = ${at}.`;
    const end = drift > 0 ? "+1, the worst point" : "−1, the best point";
    return `${label}: D = ${significant(3)(drift)}, bound for ${end}; x = ${at}.`;
  }

  function draw(values, view) {
    const { beta1, beta2, alpha, schedule, steps, log_t: logT, methods } = values;
    const hyper = { beta1, beta2 };
    // Marks are Adam's: the other methods with a drift number never change its sign, or do so nearby.
    const flips = (name) =>
      signChanges(
        (value) => driftNumber("adam", { ...hyper, [name]: value }, PERIOD),
        view.controls[name].points,
      ).map((value) => ({ value, label: "Adam turns round" }));
    view.controls.beta1.mark(flips("beta1"));
    view.controls.beta2.mark(flips("beta2"));

    const times = wholePeriods(recordTimes(steps, 400, logT), PERIOD.length);
    const runs = methods.map((name) =>
      createRun({ name, hyper, schedule, alpha, x1: 0, times, gradients: PERIOD }),
    );
    inSlices(runs, view, () => {
      const text = runs.length
        ? `After ${whole(times[times.length - 1])} steps: ${runs.map((run) => describe(run, hyper)).join(" ")}`
        : "No method is chosen.";
      const curve = (run, y) => ({ name: run.name, label: RULES[run.name].label, t: times, y });
      drawChart(view.places[0], {
        title: "Iterate against step",
        finding: text,
        yLabel: "iterate x",
        y: [-1.05, 1.05],
        steps,
        logT,
        curves: runs.map((run) => ({ ...curve(run, run.x), low: run.low, high: run.high })),
      });
      const late = runs.flatMap((run) => [...run.averageRegret.slice(Math.floor(times.length / 4))]);
      const worst = 20 / 101;
      drawChart(view.places[1], {
        title: "Average regret against step",
        finding: text,
        yLabel: "average regret",
        y: [0, Math.max(worst * 1.6, ...late) * 1.05],
        steps,
        logT,
        curves: runs.map((run) => curve(run, run.averageRegret)),
        levels: [{ value: worst, label: "20/101" }],
      });
      view.verdict.textContent = text;
    });
  }

  return explorer({ model, el, fields, charts: ["iterate", "regret"], draw });
}
