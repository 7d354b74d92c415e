// Computing in slices between frames, so that a long computation never blocks the page.

const SLICE = 30; // milliseconds of computation per frame

// Controls and marks follow a change at once, through `refresh(values)`. A result that is being
// computed is finished and shown before the next one starts, so that curves follow a drag however
// long the run. Once nothing is left to do, what was shown may be refined, which a change stops.
// `compute(values)` returns a result with its `tasks`, each with `done` and `advance(until)`; with
// `refine`, a function that returns a finer result or null; and a finer result with `isFiner`.
export function frameLoop({ read, refresh, compute, show }) {
  let frame = 0;
  let stale = true;
  let result = null; // under way
  const request = () => (frame ||= requestAnimationFrame(step));
  function step() {
    frame = 0;
    const values = read();
    if (stale) {
      refresh(values);
      if (result?.isFiner) result = null;
    }
    if (!result && stale) {
      stale = false;
      result = compute(values);
    }
    const until = performance.now() + SLICE;
    for (const task of result.tasks) {
      if (!task.done && performance.now() < until) task.advance(until);
    }
    if (result.tasks.every((task) => task.done)) {
      show(result);
      result = stale ? null : (result.refine?.() ?? null);
    }
    if (result || stale) request();
  }
  const changed = () => {
    stale = true;
    request();
  };
  return { step, changed, stop: () => cancelAnimationFrame(frame) };
}
