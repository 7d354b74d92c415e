// Algorithm 1 on linear losses f_t(x) = g_t x with periodic gradients, on an interval. The rules are
// generated from the Python functions.

import { RULES, SCHEDULES, projectedStep } from "./generated/rules.js";

const POINTS = 600; // records per curve: more than a chart has pixels to show

// The steps to record. A short run is recorded whole; a long one at whole periods, where the curve
// is smooth, and between two records the smallest and the largest iterate are kept.
export function recordTimes(steps, period, logarithmic) {
  const times = [];
  const push = (t) => {
    if (t <= steps && t > (times.at(-1) ?? 0)) times.push(t);
  };
  if (steps <= Math.max(POINTS, 12 * period)) {
    for (let t = 1; t <= steps; t++) push(t);
  } else if (logarithmic) {
    const whole = POINTS / Math.log(steps); // below this step, records are less than one step apart
    for (let k = 1; k <= POINTS; k++) {
      const t = steps ** (k / POINTS);
      for (let early = times.length + 1; early <= Math.min(t, whole); early++) push(early);
      if (t > whole) push(Math.round(t / period) * period || Math.round(t));
    }
  } else {
    const stride = Math.ceil(steps / POINTS / period) * period;
    for (let t = stride; t <= steps; t += stride) push(t);
  }
  push(steps);
  return times;
}

// One run that can be done in slices, so that a long one never blocks the page.
export class Run {
  constructor({ method, h, problem, alpha, schedule, x1 = 0, times }) {
    Object.assign(this, { method, h, problem, alpha, times });
    this.rule = RULES[method];
    this.schedule = SCHEDULES[schedule];
    this.memory = new Float64Array(this.rule.state.length);
    this.t = 0;
    this.x = x1;
    this.recorded = 0;
    this.position = 0; // in the period
    this.loss = new Sum();
    this.slope = new Sum();
    this.xs = new Float64Array(times.length);
    this.low = new Float64Array(times.length);
    this.high = new Float64Array(times.length);
    this.averageRegret = new Float64Array(times.length);
  }

  get done() {
    return this.recorded === this.times.length;
  }

  // Run until everything is recorded or the clock says `until` (milliseconds of performance.now).
  advance(until = Infinity) {
    while (!this.done) {
      this.segment(this.times[this.recorded]);
      if (until < Infinity && performance.now() > until) return;
    }
  }

  // The steps up to the next record.
  segment(stop) {
    const { memory, h, alpha, schedule } = this;
    const { gradients, lower, upper } = this.problem;
    const period = gradients.length;
    let { x, position } = this;
    let loss = 0;
    let slope = 0;
    let low = Infinity;
    let high = -Infinity;
    for (let t = this.t + 1; t <= stop; t++) {
      const g = gradients[position];
      position = position + 1 === period ? 0 : position + 1;
      loss += g * x;
      slope += g;
      x = projectedStep(x, this.rule.step(memory, g, t, h), schedule(alpha, t), lower, upper);
      if (x < low) low = x;
      if (x > high) high = x;
    }
    Object.assign(this, { t: stop, x, position });
    this.loss.add(loss);
    this.slope.add(slope);
    const k = this.recorded++;
    const best = Math.min(this.slope.value * lower, this.slope.value * upper);
    this.xs[k] = x;
    this.low[k] = low;
    this.high[k] = high;
    this.averageRegret[k] = (this.loss.value - best) / stop;
  }
}

// Neumaier's compensated sum, as on the Python side: no drift over a million steps.
class Sum {
  total = 0;
  lost = 0;
  add(term) {
    const next = this.total + term;
    this.lost +=
      Math.abs(this.total) >= Math.abs(term) ? this.total - next + term : term - next + this.total;
    this.total = next;
  }
  get value() {
    return this.total + this.lost;
  }
}
