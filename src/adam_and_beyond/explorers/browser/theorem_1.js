// Theorem 1: losses Cx, -x, -x in turn on [-1, 1].

function describe(values, drift, run) {
  const label = RULES[values.method].label;
  const x = run.x[run.x.length - 1];
  const regret = run.averageRegret[run.t.length - 1];
  const best = values.C > 2 ? "−1" : "+1";
  let theory = `${label}'s memory never fades, so there is no drift number; theory sends x to the best point, ${best}.`;
  if (drift !== null) {
    const end = drift > 0 ? "+1" : "−1";
    const which = values.C === 2 ? "all points cost the same" : end === best ? "the best point" : "the worst point";
    theory = `${label}: D = ${significant(3)(drift)} ${drift > 0 ? ">" : "<"} 0, so theory sends x to ${end}, ${which}.`;
  }
  return `${theory} After ${whole(values.steps)} steps x = ${plain(3)(x)}, average regret ${plain(3)(regret)}.`;
}

function render({ model, el }) {
  const limits = model.get("limits");
  const range = (name) => ({ low: limits[name][0], high: limits[name][1] });
  const methods = Object.entries(RULES).map(([name, { label }]) => [name, label]);
  const fields = {
    C: { kind: "slider", label: "C, the rare gradient", scale: "linear", step: 0.05, format: plain(2), ...range("C") },
    beta2: { kind: "slider", label: "β₂", scale: "linear", step: 0.001, format: plain(4), ...range("beta2") },
    beta1: { kind: "slider", label: "β₁", scale: "linear", step: 0.005, format: plain(3), ...range("beta1") },
    alpha: { kind: "slider", label: "α, scale of the step size α/√t", scale: "log", perDecade: 40, format: significant(3), ...range("alpha") },
    steps: { kind: "slider", label: "number of steps", scale: "log", perDecade: 20, integer: true, format: whole, ...range("steps") },
    method: { kind: "select", label: "method", options: methods },
  };

  function draw(values, view) {
    const { C, beta1, beta2, alpha, steps, method } = values;
    const gradients = [C, -1, -1];
    const drift = driftNumber(method, { beta1, beta2 }, gradients);
    const flips = (name) =>
      signChanges((value) => {
        const at = { C, beta1, beta2, [name]: value };
        return driftNumber(method, at, [at.C, -1, -1]);
      }, view.controls[name].points).map((value) => ({ value, label: `D = 0 at ${plain(3)(value)}` }));
    view.controls.C.mark([{ value: 2, label: "C = 2" }, ...flips("C")]);
    view.controls.beta1.mark(flips("beta1"));
    view.controls.beta2.mark([{ value: 1 / (1 + C * C), label: "paper: 1/(1+C²)" }, ...flips("beta2")]);
    view.controls.alpha.mark([{ value: Math.sqrt(1 - beta2), label: "paper: below √(1−β₂)" }]);

    const times = recordTimes(steps, 600);
    const run = createRun({ name: method, hyper: { beta1, beta2 }, schedule: "inverse_sqrt", alpha, x1: 1, times, gradients });
    inSlices([run], view, () => {
      const text = describe(values, drift, run);
      const label = RULES[method].label;
      const thinned = times.length < steps;
      drawChart(view.places[0], {
        title: "Iterate against step",
        finding: text,
        yLabel: "iterate x",
        y: [-1.05, 1.05],
        steps,
        curves: [{ name: method, label, t: times, y: run.x, ...(thinned && { low: run.low, high: run.high }) }],
      });
      const limit = C > 2 && drift > 0 ? (2 * C - 4) / 3 : 0;
      const late = run.averageRegret.slice(Math.floor(times.length / 20));
      const top = Math.max(limit * 1.25, ...late, 1e-3) * 1.08;
      drawChart(view.places[1], {
        title: "Average regret against step",
        finding: text,
        yLabel: "average regret",
        y: [Math.min(0, ...late) * 1.1, top],
        steps,
        curves: [{ name: method, label, t: times, y: run.averageRegret }],
        levels: limit > 0 ? [{ value: limit, label: "(2C−4)/3" }] : [],
      });
      view.verdict.textContent = text;
    });
  }

  return explorer({ model, el, fields, charts: ["iterate", "regret"], draw });
}
