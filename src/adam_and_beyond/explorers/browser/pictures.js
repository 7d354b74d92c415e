// The two charts of an explorer: the iterate, and beside it the average regret.

const SUB_T = '<tspan class="aab-sub" dy="3">t</tspan>';

function drawCharts({ root, id, hues, values, runs, theories, problem, kind, height }) {
  const { steps, log_t: logarithmic } = values;
  // Stacked on a phone, both charts, the verdict and the first sliders share the screen.
  height ??= root.clientWidth < 580 ? 176 : 236;
  const common = { steps, logarithmic, height };
  const finding = runs
    .map((run) => `${RULES[run.method].label} is at ${plain(run.x)}`)
    .join(", ");
  const after = `against the step: after ${counted(steps)} steps`;
  drawInto(root, "x", `Line plot of the iterate x ${after} ${finding}.`, {
    ...common,
    id: `${id}-cx`,
    title: `iterate x${SUB_T}`,
    y: { min: problem.lower, max: problem.upper },
    yTicks: endTicks(problem),
    series: runs.map((run) => seriesOf(run, run.xs, hues, true)),
  });
  const failing = theories.some((t) => t.verdict === "fails");
  const levels = failing ? [{ at: worstRegret(problem), text: kind.limitText(values) }] : [];
  const series = runs.map((run) => seriesOf(run, run.averageRegret, hues, false));
  const y = regretRange(series, steps, logarithmic, levels);
  const costs = runs
    .map((run) => `${RULES[run.method].label} ${plain(run.averageRegret.at(-1))}`)
    .join(", ");
  drawInto(root, "regret", `Line plot of the average regret ${after} ${costs}.`, {
    ...common,
    id: `${id}-cr`,
    title: `average regret R${SUB_T}<tspan dy="-3"> / t</tspan>`,
    y,
    yTicks: niceTicks(y.min, y.max).map((at) => ({ at, text: minus(at) })),
    series,
    levels,
  });
}

function drawInto(root, name, sentence, chart) {
  const svg = root.querySelector(`[data-chart="${name}"]`);
  const width = svg.parentElement.clientWidth;
  if (!width) return; // not laid out yet; the observer will call again
  svg.setAttribute("viewBox", `0 0 ${width} ${chart.height}`);
  svg.setAttribute("aria-label", sentence);
  const measure = labelWidth(root);
  const inside = drawChart({ ...chart, width, measure });
  svg.innerHTML = `<desc>${escapeText(sentence)}</desc>${inside}`;
}

// Labels stand beside the curves, so their width decides how much of a chart is left for these.
const PENCIL = globalThis.document?.createElement("canvas").getContext("2d");

function labelWidth(root) {
  const family = getComputedStyle(root).fontFamily;
  return (text) => {
    PENCIL.font = `600 12px ${family}`;
    return PENCIL.measureText(text).width;
  };
}

// The ends of the interval by what they are worth.
function endTicks({ gradients, lower, upper }) {
  const slope = meanOf(gradients);
  const note = (good) => (Math.abs(slope) < ZERO ? "" : good ? "best" : "worst");
  return [
    { at: upper, text: signed(upper), note: note(slope < 0) },
    { at: (lower + upper) / 2, text: "0" },
    { at: lower, text: signed(lower), note: note(slope > 0) },
  ];
}

// A long run is drawn at whole periods, with the range inside each period behind the line.
function seriesOf(run, y, hues, withBand) {
  const period = run.problem.gradients.length;
  const thinned = run.times.at(-1) > run.times.length;
  let size = run.times.length;
  if (thinned && size > 1 && run.times[size - 1] % period) size -= 1;
  const cut = (array) => array.slice(0, size);
  return {
    name: run.method,
    label: inRows(RULES[run.method].label),
    hue: hues[run.method],
    t: cut(run.times),
    y: cut(y),
    ...(withBand && thinned ? { low: cut(run.low), high: cut(run.high) } : {}),
  };
}

// The first rounds' regret is huge and soon forgotten: the axis fits what comes later.
function regretRange(series, steps, logarithmic, levels) {
  let top = Math.max(0, ...levels.map((l) => l.at * 1.25));
  let bottom = 0;
  const from = steps * (logarithmic ? 0.02 : 0.06);
  for (const { t, y } of series) {
    for (let k = 0; k < t.length; k++) {
      if (t[k] < from) continue;
      if (y[k] > top) top = y[k];
      if (y[k] < bottom) bottom = y[k];
    }
  }
  if (top === bottom) top = bottom + 1;
  const grain = 10 ** Math.floor(Math.log10(top - bottom)) / 10;
  return { min: Math.floor(bottom / grain) * grain, max: Math.ceil((top * 1.02) / grain) * grain };
}
