// The life of an explorer in any anywidget host: build controls, follow the model, simulate in
// slices between frames, draw. What differs between explorers is in `kind`.

const MAKERS = {
  range: rangeControl,
  select: selectControl,
  checks: checksControl,
  toggle: toggleControl,
};
const SLICE = 30; // milliseconds of simulation per frame: the page stays responsive
const SAVE_DELAY = 200; // milliseconds of rest before values go to Python

function skeleton(kind, id) {
  const chart = (name) =>
    `<div class="aab-chart"><svg role="img" data-chart="${name}" aria-label=""></svg></div>`;
  return element(`
    <div class="aab" role="group" aria-label="${kind.title}" id="${id}">
      <div class="aab-charts">${chart("x")}${chart("regret")}</div>
      <div class="aab-verdict" aria-live="polite" aria-atomic="true"></div>
      <div class="aab-controls"></div>
      <div class="aab-foot">
        <span class="aab-key">Slider colours, by theory:
          <span><span class="aab-patch aab-patch-fails"></span> to the worst point</span>
          <span><span class="aab-patch aab-patch-fine"></span> to the best point</span></span>
        <button type="button" class="aab-reset">Reset</button>
      </div>
    </div>`);
}

function renderExplorer({ model, el }, kind) {
  const id = `aab-${Math.random().toString(36).slice(2, 9)}`;
  const hues = Object.fromEntries(Object.entries(STYLES).map(([n, s]) => [n, hueOf(s)]));
  const root = skeleton(kind, id);
  const find = (selector) => root.querySelector(selector);
  const verdictBox = find(".aab-verdict");
  const limits = model.get("limits");
  let saving = 0;

  const read = () => Object.fromEntries(kind.traits.map((name) => [name, model.get(name)]));
  const change = (changes) => {
    for (const [name, value] of Object.entries(changes)) model.set(name, value);
    clearTimeout(saving);
    saving = setTimeout(() => model.save_changes(), SAVE_DELAY);
    schedule();
  };

  const controls = kind.controls(hues).map((spec, k) => {
    Object.assign(spec, limits[spec.name]);
    const control = MAKERS[spec.kind](spec, `${id}-${k}`, change);
    find(".aab-controls").append(control.element);
    return { ...control, spec };
  });
  find(".aab-reset").addEventListener("click", () => change(model.get("defaults")));

  let frame = 0;
  let stale = true;
  let job = null;
  let drawn = null;
  let calm = 0;
  const schedule = () => {
    stale = true;
    frame ||= requestAnimationFrame(tick);
  };
  // A run that is under way is finished and shown before the next one starts, so that the curves
  // follow a drag however long the run; values and marks follow at once.
  function tick() {
    frame = 0;
    const values = read();
    if (stale) refreshControls(values);
    if (!job && stale) {
      stale = false;
      job = startRuns(kind, values);
    }
    const until = performance.now() + SLICE;
    for (const run of job.runs) if (!run.done && performance.now() < until) run.advance(until);
    if (job.runs.every((run) => run.done)) {
      show(job);
      job = null;
    }
    if (job || stale) frame ||= requestAnimationFrame(tick);
  }

  function refreshControls(values) {
    const hints = kind.hints(values);
    for (const { refresh, spec } of controls) refresh(values, hints[spec.name]);
  }

  function show(result) {
    drawn = result;
    // Screen readers wait until a drag rests.
    verdictBox.setAttribute("aria-busy", "true");
    clearTimeout(calm);
    calm = setTimeout(() => verdictBox.removeAttribute("aria-busy"), 400);
    const { values, runs, theories, problem } = result;
    const vanishing = (values.schedule ?? "inverse_sqrt") !== "constant";
    verdictBox.innerHTML = runs
      .map((run, k) => {
        const name = `${swatch(hues[run.method])} <b>${escapeText(RULES[run.method].label)}.</b>`;
        return `<p>${name} ${theorySentence(theories[k], vanishing)} ${runSentence(run)}</p>`;
      })
      .join("");
    drawCharts({ root, id, hues, values, runs, theories, problem, kind });
  }

  for (const target of root.querySelectorAll("input, select, button")) keepKeys(target);
  const observer = new ResizeObserver(() => {
    for (const { layout } of controls) layout();
    if (drawn) drawCharts({ root, id, hues, kind, ...drawn });
  });

  const events = kind.traits.map((name) => `change:${name}`);
  for (const event of events) model.on(event, schedule);
  el.append(root);
  observer.observe(find(".aab-charts"));
  tick();
  return () => {
    for (const event of events) model.off(event, schedule);
    observer.disconnect();
    cancelAnimationFrame(frame);
    clearTimeout(saving);
    clearTimeout(calm);
    root.remove();
  };
}

function startRuns(kind, values) {
  const problem = kind.problem(values);
  const { steps, alpha } = values;
  const times = recordTimes(steps, problem.gradients.length, values.log_t);
  const settings = { problem, alpha, schedule: values.schedule ?? "inverse_sqrt", times };
  const chosen = kind.methods(values);
  return {
    values,
    problem,
    theories: chosen.map((method) => theory(method, values, problem)),
    runs: chosen.map((method) => new Run({ ...settings, method, h: hyper(values), x1: values.x1 })),
  };
}
