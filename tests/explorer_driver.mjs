// Puts questions in JSON to the browser's modules and prints their answers, for the tests.
// Arguments: the folder of the modules, the file of the questions.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

const [, , folder, questions] = process.argv;
const load = (name) => import(pathToFileURL(join(folder, name)));
const timed = (act) => {
  const start = performance.now();
  act();
  return performance.now() - start;
};
const fastest = (act) => Math.min(...[0, 0, 0].map(() => timed(act)));

// kind of question -> the answer to one of that kind
const ANSWERS = {
  async runs({ gradients, ...rest }) {
    const { Run } = await load("simulate.js");
    const run = new Run({ ...rest, problem: { gradients, lower: -1, upper: 1 } });
    run.advance();
    const { xs, low, high, averageRegret } = run;
    return [xs, low, high, averageRegret].map((values) => [...values]);
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

  async speed({ methods, steps, gradients }) {
    const { recordTimes, Run } = await load("simulate.js");
    const problem = { gradients, lower: -1, upper: 1 };
    const times = recordTimes(steps, gradients.length, false);
    const h = { beta1: 0.9, beta2: 0.99 };
    const setting = { problem, times, h, alpha: 0.5, schedule: "inverse_sqrt" };
    return fastest(() => {
      for (const method of methods) new Run({ ...setting, method }).advance();
    });
  },

  async maps({ values, nodes }) {
    const { mapOf, theorem2Map, tie } = await load("boundary_map.js");
    const time = fastest(() => mapOf(tie(values), nodes).advance());
    const map = mapOf(tie(values), nodes);
    map.advance();
    const paper = theorem2Map(tie(values));
    const slack = paper.vs.map((_, k) => paper.us.map((_, j) => paper.at(j, k)));
    const { us, vs } = paper;
    return { us: map.us, vs: map.vs, values: [...map.values], time, paper: { us, vs, slack } };
  },

  async rarity(h) {
    const { provedFrom, RarityScan } = await load("theorem_2.js");
    const scan = new RarityScan(h);
    const time = timed(() => scan.advance());
    return { exact: scan.found, paper: provedFrom(h), time };
  },

  async sides([beta1, beta2, C]) {
    const { THEOREM_2 } = await load("generated/theorem_2.js");
    return Object.values(THEOREM_2).map(({ left, right, slack }) =>
      [left, right, slack].map((side) => side(beta1, beta2, C)),
    );
  },

  async numbers([text, label, limits]) {
    const { readNumber } = await load("numbers.js");
    return readNumber(text, label, limits);
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
