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
const CALM = 400; // milliseconds of rest before a screen reader is told

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
  const save = later(SAVE_DELAY, () => model.save_changes());
  const change = (changes) => {
    for (const [name, value] of Object.entries(changes)) model.set(name, value);
    save.soon();
    work.changed();
  };
  const controls = buildControls(kind, { root, id, hues, limits: model.get("limits"), change });
  root.querySelector(".aab-reset").addEventListener("click", () => change(model.get("defaults")));
  for (const target of root.querySelectorAll("input, select, button")) keepKeys(target);

  const verdict = verdictBox(root.querySelector(".aab-verdict"), hues);
  let drawn = null;
  const work = workLoop({
    read: () => Object.fromEntries(kind.traits.map((name) => [name, model.get(name)])),
    refresh(values) {
      const hints = kind.hints(values);
      for (const { refresh, name } of controls) refresh(values, hints[name]);
    },
    start: (values) => startRuns(kind, values),
    show(result) {
      drawn = result;
      verdict.show(result);
      drawCharts({ root, id, hues, kind, ...result });
    },
  });
  const observer = new ResizeObserver(() => {
    for (const { layout } of controls) layout();
    if (drawn) drawCharts({ root, id, hues, kind, ...drawn });
  });

  for (const name of kind.traits) model.on(`change:${name}`, work.changed);
  el.append(root);
  observer.observe(root.querySelector(".aab-charts"));
  work.now();
  return () => {
    for (const name of kind.traits) model.off(`change:${name}`, work.changed);
    observer.disconnect();
    for (const part of [work, save, verdict]) part.stop();
    root.remove();
  };
}

function buildControls(kind, { root, id, hues, limits, change }) {
  const place = root.querySelector(".aab-controls");
  return kind.controls(hues).map((spec, k) => {
    const control = MAKERS[spec.kind]({ ...spec, ...limits[spec.name] }, `${id}-${k}`, change);
    place.append(control.element);
    return { ...control, name: spec.name };
  });
}

// Frames of work. Controls and marks follow a change at once. A run that is under way is finished
// and shown before the next one starts, so that curves follow a drag however long the run.
function workLoop({ read, refresh, start, show }) {
  let frame = 0;
  let stale = true;
  let job = null;
  const ask = () => (frame ||= requestAnimationFrame(now));
  function now() {
    frame = 0;
    const values = read();
    if (stale) refresh(values);
    if (!job && stale) {
      stale = false;
      job = start(values);
    }
    const until = performance.now() + SLICE;
    for (const run of job.runs) if (!run.done && performance.now() < until) run.advance(until);
    if (job.runs.every((run) => run.done)) {
      show(job);
      job = null;
    }
    if (job || stale) ask();
  }
  const changed = () => {
    stale = true;
    ask();
  };
  return { now, changed, stop: () => cancelAnimationFrame(frame) };
}

// Calls `act` once things have rested for a while.
function later(rest, act) {
  let timer = 0;
  const stop = () => clearTimeout(timer);
  const soon = () => {
    stop();
    timer = setTimeout(act, rest);
  };
  return { soon, stop };
}

// What theory and the run say, in words, per method. Screen readers wait until a drag rests.
function verdictBox(box, hues) {
  const calm = later(CALM, () => box.removeAttribute("aria-busy"));
  return {
    stop: calm.stop,
    show({ values, runs, theories }) {
      box.setAttribute("aria-busy", "true");
      calm.soon();
      const vanishing = (values.schedule ?? "inverse_sqrt") !== "constant";
      const sentences = runs.map((run, k) => {
        const name = `${swatch(hues[run.method])} <b>${escapeText(RULES[run.method].label)}.</b>`;
        return `<p>${name} ${theorySentence(theories[k], vanishing)} ${runSentence(run)}</p>`;
      });
      box.innerHTML = sentences.join("");
    },
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
