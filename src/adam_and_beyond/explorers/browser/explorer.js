// The life of an explorer in any anywidget host: build controls, follow the model, compute in
// slices between frames, draw. What differs between explorers is in `kind`; RUNS is what those
// share that show runs against the step.

const MAKERS = {
  range: rangeControl,
  select: selectControl,
  checks: checksControl,
  toggle: toggleControl,
};
const SLICE = 30; // milliseconds of simulation per frame: the page stays responsive
const SAVE_DELAY = 200; // milliseconds of rest before values go to Python
const CALM = 400; // milliseconds of rest before a screen reader is told

const chartPlace = (name) =>
  `<div class="aab-chart"><svg role="img" data-chart="${name}" aria-label=""></svg></div>`;

const verdictKey = (what) => `${what}
  <span><span class="aab-patch aab-patch-fails"></span> to the worst point</span>
  <span><span class="aab-patch aab-patch-fine"></span> to the best point</span>`;

const RUNS = {
  charts: chartPlace("x") + chartPlace("regret"),
  key: verdictKey("Slider colours, by theory:"),
  seen: (values) => values, // where one value follows from another
  hints: () => ({}),
  parts: () => ({}), // parts of its own, each with `stop`
  start: startRuns, // values and the job before -> job
  draw: drawCharts,
  sentences: runSentences,
};

function skeleton(kind, id) {
  return element(`
    <div class="aab" role="group" aria-label="${kind.title}" id="${id}">
      <div class="aab-charts">${kind.charts}</div>
      <div class="aab-verdict" aria-live="polite" aria-atomic="true"></div>
      <div class="aab-controls"></div>
      <div class="aab-foot">
        <span class="aab-key">${kind.key}</span>
        <button type="button" class="aab-reset">Reset</button>
      </div>
    </div>`);
}

function renderExplorer({ model, el }, own) {
  const kind = { ...RUNS, ...own };
  const id = `aab-${Math.random().toString(36).slice(2, 9)}`;
  const hues = Object.fromEntries(Object.entries(STYLES).map(([n, s]) => [n, hueOf(s)]));
  const root = skeleton(kind, id);
  const save = later(SAVE_DELAY, () => model.save_changes());
  const change = (changes) => {
    for (const [name, value] of Object.entries(changes)) model.set(name, value);
    save.soon();
    work.changed();
  };
  const controls = buildControls(kind, { root, id, hues, model, change });
  root.querySelector(".aab-reset").addEventListener("click", () => change(model.get("defaults")));
  for (const target of root.querySelectorAll("input, select, button")) keepKeys(target);

  const read = () =>
    kind.seen(Object.fromEntries(kind.traits.map((name) => [name, model.get(name)])));
  const parts = kind.parts({ root, id, change, read });
  const verdict = verdictBox(root.querySelector(".aab-verdict"));
  let drawn = null;
  const draw = () => kind.draw({ root, id, hues, kind, parts, ...drawn });
  const work = workLoop({
    read,
    refresh(values) {
      const hints = kind.hints(values);
      for (const { refresh, name } of controls) refresh(values, hints[name]);
    },
    start: (values) => kind.start(kind, values, drawn),
    show(job) {
      drawn = job;
      verdict.show(kind.sentences(job, hues));
      draw();
    },
  });
  const observer = new ResizeObserver(() => {
    for (const { layout } of controls) layout();
    if (drawn) draw();
  });

  for (const name of kind.traits) model.on(`change:${name}`, work.changed);
  el.append(root);
  observer.observe(root.querySelector(".aab-charts"));
  work.now();
  return () => {
    for (const name of kind.traits) model.off(`change:${name}`, work.changed);
    observer.disconnect();
    for (const part of [work, save, verdict, ...Object.values(parts)]) part.stop();
    root.remove();
  };
}

function buildControls(kind, { root, id, hues, model, change }) {
  const place = root.querySelector(".aab-controls");
  const limits = model.get("limits");
  return kind.controls(hues, (name) => model.get(name)).map((spec, k) => {
    const control = MAKERS[spec.kind]({ ...spec, ...limits[spec.name] }, `${id}-${k}`, change);
    place.append(control.element);
    return { ...control, name: spec.name };
  });
}

// Frames of work. Controls and marks follow a change at once. A job that is under way is finished
// and shown before the next one starts, so that curves follow a drag however long the run. Once
// nothing is left to do, what was shown may have something finer to follow, which a change stops.
function workLoop({ read, refresh, start, show }) {
  let frame = 0;
  let stale = true;
  let job = null;
  const ask = () => (frame ||= requestAnimationFrame(now));
  function now() {
    frame = 0;
    const values = read();
    if (stale) {
      refresh(values);
      if (job?.idle) job = null;
    }
    if (!job && stale) {
      stale = false;
      job = start(values);
    }
    const until = performance.now() + SLICE;
    for (const part of job.work) if (!part.done && performance.now() < until) part.advance(until);
    if (job.work.every((part) => part.done)) {
      show(job);
      job = stale ? null : (job.finer?.() ?? null);
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

// What theory and the runs say, in words. Screen readers wait until a drag rests.
function verdictBox(box) {
  const calm = later(CALM, () => box.removeAttribute("aria-busy"));
  let shown = "";
  return {
    stop: calm.stop,
    show(sentences) {
      const html = sentences.map((sentence) => `<p>${sentence}</p>`).join("");
      if (html === shown) return; // as when only a map has become finer
      box.setAttribute("aria-busy", "true");
      calm.soon();
      box.innerHTML = shown = html;
    },
  };
}

// One sentence per method.
function runSentences({ values, runs, theories }, hues) {
  const vanishing = (values.schedule ?? "inverse_sqrt") !== "constant";
  return runs.map((run, k) => {
    const name = `${swatch(hues[run.method])} <b>${escapeText(RULES[run.method].label)}.</b>`;
    return `${name} ${theorySentence(theories[k], vanishing)} ${runSentence(run)}`;
  });
}

function startRuns(kind, values) {
  const problem = kind.problem(values);
  const { steps, alpha } = values;
  const times = recordTimes(steps, problem.gradients.length, values.log_t);
  const settings = { problem, alpha, schedule: values.schedule ?? "inverse_sqrt", times };
  const chosen = kind.methods(values);
  const h = hyper(values);
  const runs = chosen.map((method) => new Run({ ...settings, method, h, x1: values.x1 }));
  const theories = chosen.map((method) => theory(method, values, problem));
  return { values, problem, theories, runs, work: runs };
}
