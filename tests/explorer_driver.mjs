// Puts questions in JSON to a composed explorer module and prints its answers, for the tests.
import { readFileSync } from "node:fs";
const [, , module, input] = process.argv;
const explorer = await import(module);
const ask = JSON.parse(readFileSync(input, "utf-8"));
const answer = { runs: [], drifts: [], flips: [], times: [], speed: [], maps: [], rarity: [], sides: [] };
for (const { gradients, ...rest } of ask.runs ?? []) {
  const run = new explorer.Run({ ...rest, problem: { gradients, lower: -1, upper: 1 } });
  run.advance();
  const { xs, low, high, averageRegret } = run;
  answer.runs.push([xs, low, high, averageRegret].map((values) => [...values]));
}
for (const { method, h, gradients } of ask.drifts ?? []) {
  answer.drifts.push(explorer.driftNumber(method, h, gradients));
}
for (const { values, name } of ask.flips ?? []) {
  const { scale } = explorer.KIND.controls({}).find((spec) => spec.name === name);
  const at = (value) => {
    const changed = { ...values, [name]: value };
    return explorer.theory(values.method, changed, explorer.KIND.problem(changed));
  };
  answer.flips.push(explorer.alongSlider(scale, at));
}
for (const [steps, period, logarithmic] of ask.times ?? []) {
  answer.times.push(explorer.recordTimes(steps, period, logarithmic));
}
for (const { methods, steps } of ask.speed ?? []) {
  const problem = explorer.KIND.problem({ C: 3 });
  const times = explorer.recordTimes(steps, problem.gradients.length, false);
  const settings = { problem, times, h: { beta1: 0.9, beta2: 0.99 }, alpha: 0.5 };
  const once = () => {
    const start = performance.now();
    for (const method of methods) {
      new explorer.Run({ ...settings, method, schedule: "inverse_sqrt" }).advance();
    }
    return performance.now() - start;
  };
  once();
  answer.speed.push(Math.min(once(), once(), once()));
}
for (const { values, nodes } of ask.maps ?? []) {
  const { seen } = explorer.KIND;
  const times = [0, 0, 0].map(() => {
    const start = performance.now();
    explorer.mapOf(seen(values), nodes).advance();
    return performance.now() - start;
  });
  const map = explorer.mapOf(seen(values), nodes);
  map.advance();
  const paper = explorer.theorem2Map(seen(values));
  const slack = paper.vs.map((_, k) => paper.us.map((_, j) => paper.at(j, k)));
  const parts = { us: map.us, vs: map.vs, values: [...map.values], time: Math.min(...times) };
  answer.maps.push({ ...parts, paper: { us: paper.us, vs: paper.vs, slack } });
}
for (const h of ask.rarity ?? []) {
  const scan = new explorer.RarityScan(h);
  const start = performance.now();
  scan.advance();
  const time = performance.now() - start;
  answer.rarity.push({ exact: scan.found, paper: explorer.provedFrom(h), time });
}
for (const [beta1, beta2, C] of ask.sides ?? []) {
  const sides = Object.values(explorer.THEOREM_2);
  answer.sides.push(sides.map(({ left, right, slack }) =>
    [left, right, slack].map((side) => side(beta1, beta2, C))));
}
process.stdout.write(JSON.stringify(answer));
