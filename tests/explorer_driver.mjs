// Puts questions in JSON to the browser's modules and prints their answers, for the tests.
// Arguments: the folder of the modules, the file of the questions.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

const [, , folder, questions] = process.argv;
const load = (name) => import(pathToFileURL(join(folder, name)));

// kind of question -> the answer to one of that kind
const ANSWERS = {
  async runs({ gradients, ...rest }) {
    const { Run } = await load("simulate.js");
    const run = new Run({ ...rest, problem: { gradients, lower: -1, upper: 1 } });
    run.advance();
    const { xs, low, high, averageRegret } = run;
    return [xs, low, high, averageRegret].map((values) => [...values]);
  },

  async clips(values) {
    const { clipOf, stairsOf, TURN } = await load("clip.js");
    const clip = clipOf(values);
    const { shift, lower, upper } = clip;
    return { clip: [shift, lower, upper], stairs: stairsOf(clip, values.x1), turn: TURN };
  },

  async games(values) {
    const { computeGame, costOf } = await load("game.js");
    const { runs } = computeGame(values);
    for (const run of runs) run.advance();
    const regrets = runs.map((run) => [...run.averageRegret]);
    return { times: runs[0].times, cost: costOf(values.x), regrets };
  },

  async compared(values) {
    const { compareCurves } = await load("curves.js");
    return compareCurves(values);
  },

  async shares({ method, values, rounds }) {
    const { sharesOf } = await load("memory.js");
    return [...sharesOf(method, values, rounds)];
  },

  async unseen({ beta1, beta2, P, excess }) {
    const { unseenSum, walkOf } = await load("unseen.js");
    const h = { beta1, beta2 };
    const sum = unseenSum(h, P);
    return { sum: sum === Infinity ? null : sum, walk: walkOf(h, P, excess) };
  },

  async periods({ values, moved }) {
    const { computeDrifts, gradientsOf, held, WORST } = await load("gradients.js");
    const { gradients, drifts } = computeDrifts(values);
    const after = moved.map(([k, to]) => held(gradientsOf(values), k, to));
    return { gradients: [...gradients], drifts, after, worst: WORST };
  },

  async steps(values) {
    const { EXACT, exactAt, meanStepsOf } = await load("mean_step.js");
    return { means: meanStepsOf(values), exact: exactAt(values), known: Object.keys(EXACT) };
  },

  async boxes(text) {
    const { boxesOf, sharesAfter } = await load("boxes.js");
    const { looked, left } = boxesOf(text);
    return { looked, left, shares: sharesAfter({ looked }, looked.length) };
  },

  async drifts({ method, h, gradients }) {
    const { driftNumber } = await load("drift.js");
    return driftNumber(method, h, gradients);
  },

  async flips({ entry, values, name }) {
    const { CONTROLS, problemOf } = await load(entry);
    const { alongSlider, theory } = await load("verdict.js");
    const { scale } = CONTROLS.find((spec) => spec.name === name);
    return alongSlider(scale, (value) => {
      const changed = { ...values, [name]: value };
      return theory(values.method, changed, problemOf(changed));
    });
  },

  async times([steps, period, logarithmic]) {
    const { recordTimes } = await load("simulate.js");
    return recordTimes(steps, period, logarithmic);
  },

  // How often a rule is stepped by a run, a drift number and a map.
  async effort({ method, h, gradients, steps, values, nodes }) {
    const { RULES } = await load("generated/rules.js");
    const { driftNumber } = await load("drift.js");
    const { recordTimes, Run } = await load("simulate.js");
    const { mapOf } = await load("boundary_map.js");
    const rule = RULES[method];
    const { step } = rule;
    let calls = 0;
    rule.step = (...given) => {
      calls += 1;
      return step(...given);
    };
    const counted = (act) => {
      calls = 0;
      act();
      return calls;
    };
    const problem = { gradients, lower: -1, upper: 1 };
    const times = recordTimes(steps, gradients.length, false);
    const setting = { method, h, problem, times, alpha: 0.5, schedule: "inverse_sqrt" };
    const answer = {
      run: counted(() => new Run(setting).advance()),
      drift: counted(() => driftNumber(method, h, gradients)),
      map: counted(() => mapOf(values, nodes).advance()),
    };
    rule.step = step;
    return answer;
  },

  // What a loop over frames does, one entry a frame: a clock that a task moves by its `cost` shows
  // when it gives the page its turn. `changes` are frames before which the reader changes a value.
  async frames({ costs, finer, changes, frames }) {
    const { frameLoop } = await load("frames.js");
    let now = 0;
    let value = 0;
    let next = null;
    let log = [];
    globalThis.performance.now = () => now;
    globalThis.requestAnimationFrame = (callback) => {
      next = callback;
      return 1;
    };
    const task = (list, name) => ({
      left: [...list],
      get done() {
        return this.left.length === 0;
      },
      advance(until) {
        while (!this.done) {
          now += this.left.shift();
          log.push(`${name} works`);
          if (now > until) return;
        }
      },
    });
    const compute = (values) => ({
      name: `${values}`,
      tasks: [task(costs, values)],
      refine: () =>
        finer.length
          ? { name: `${values} finer`, tasks: [task(finer, `${values} finer`)], isFiner: true }
          : null,
    });
    const loop = frameLoop({
      read: () => value,
      refresh: (values) => log.push(`controls at ${values}`),
      compute,
      show: ({ name }) => log.push(`shows ${name}`),
    });
    const told = [];
    next = loop.step;
    for (let frame = 0; frame < frames; frame++) {
      if (changes.includes(frame)) {
        value = frame;
        loop.changed();
      }
      const callback = next;
      next = null;
      log = [];
      callback?.();
      told.push(log);
    }
    return told;
  },

  async maps({ values, nodes }) {
    const { mapOf, theorem2Map, tie } = await load("boundary_map.js");
    const map = mapOf(tie(values), nodes);
    map.advance();
    const paper = theorem2Map(tie(values));
    const slack = paper.vs.map((_, k) => paper.us.map((_, j) => paper.at(j, k)));
    const { us, vs } = paper;
    return { us: map.us, vs: map.vs, values: [...map.values], paper: { us, vs, slack } };
  },

  async rarity(h) {
    const { provedFrom, RarityScan } = await load("theorem_2.js");
    const scan = new RarityScan(h);
    scan.advance();
    return { exact: scan.found, paper: provedFrom(h) };
  },

  async sides([beta1, beta2, C]) {
    const { THEOREM_2 } = await load("generated/theorem_2.js");
    return Object.values(THEOREM_2).map(({ left, right, slack }) =>
      [left, right, slack].map((side) => side(beta1, beta2, C)),
    );
  },

  // Where the balls of the landing page are, and what is said about Adam.
  async walks(values) {
    const { computeWalk } = await load("walk.js");
    const { walkTimes } = await load("balls.js");
    const { runs, theories } = computeWalk(values);
    for (const run of runs) run.advance();
    return { times: walkTimes(), xs: runs.map(({ xs }) => [...xs]), verdict: theories[0].verdict };
  },

  async rescues(values) {
    const { computeRescue } = await load("rescue.js");
    const { runs, theory } = computeRescue(values);
    for (const run of runs) run.advance();
    return { xs: runs.map(({ xs }) => [...xs]), D: theory.D };
  },

  async changes({ method, values }) {
    const { changesOf } = await load("falls.js");
    return [...changesOf(method, values)];
  },

  async averages(values) {
    const { averagesOf, fallsAlong } = await load("maximum.js");
    const { average, maximum } = averagesOf(values);
    return [average, maximum].map((along) => ({ along: [...along], falls: fallsAlong(along) }));
  },

  async factors(values) {
    const { factorsOf } = await load("race.js");
    return factorsOf(values);
  },

  async coins(values) {
    const { computeCoin, slopesOf, TURNS } = await load("coin.js");
    const { run } = computeCoin(values);
    run.advance();
    return { slopes: [...slopesOf(values)], xs: [...run.xs], turns: TURNS };
  },

  async rests(values) {
    const { restOf } = await load("stops.js");
    return restOf(values);
  },

  // What the explorer of rare classes computes, and how long a drag takes, ms.
  async kept(values) {
    const { computeKept } = await load("kept.js");
    const before = computeKept({ ...values, beta1: values.beta1 * 0.99 });
    const began = performance.now();
    const { ranks, shares, drift, excess, lost, chosen } = computeKept(values, before);
    const milliseconds = performance.now() - began;
    return { ranks, shares, drift, excess, lost, chosen, milliseconds };
  },

  async numbers([text, label, limits]) {
    const { readNumber } = await load("numbers.js");
    return readNumber(text, label, limits);
  },

  // Every value that a slider's positions and the marks at given values lead to.
  async offered({ entry, values }) {
    const { EXPLORER } = await load(entry);
    const notes = EXPLORER.annotate(EXPLORER.resolve?.(values) ?? values);
    const sliders = EXPLORER.controls().filter(({ scale }) => scale);
    return sliders.map(({ name, scale: { positions, toValue } }) => {
      const along = Array.from({ length: positions + 1 }, (_, k) => toValue(k));
      return [name, [...along, ...(notes[name]?.marks ?? []).map(({ value }) => value)]];
    });
  },

  async written([value, formatter]) {
    const text = await load("text.js");
    return text[formatter](value);
  },
};

const answers = {};
for (const [kind, asked] of Object.entries(JSON.parse(readFileSync(questions, "utf-8")))) {
  answers[kind] = [];
  for (const question of asked) answers[kind].push(await ANSWERS[kind](question));
}
process.stdout.write(JSON.stringify(answers));
