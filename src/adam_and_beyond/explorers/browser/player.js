// Playing a picture through its frames: a button that starts and stops, and one that goes a step.

import { counted } from "./text.js";

const LEAST_MOTION = "(prefers-reduced-motion: reduce)";

export const PLAYER = `
  <div class="aab-player">
    <button type="button" class="aab-button aab-play">Play</button>
    <button type="button" class="aab-button aab-step">Step</button>
    <span class="aab-when"></span>
  </div>`;

// Plays frames 0 to `last` in `seconds`, from when the picture first comes into view, and stays at
// the last; `steps` presses of Step lead through all. Where the reader asks for less motion, the
// last frame stands still, and Step alone moves. `show(frame)` draws.
function player(root, { last, seconds, steps, show }) {
  const still = matchMedia(LEAST_MOTION).matches;
  const [play, step] = [".aab-play", ".aab-step"].map((name) => root.querySelector(name));
  let frame = still ? last : 0;
  let request = 0;
  let before = 0; // when the frame before was drawn; 0 at the start
  play.hidden = still;

  const pause = () => {
    cancelAnimationFrame(request);
    request = before = 0;
    play.textContent = "Play";
  };
  const go = (next) => {
    frame = Math.min(next, last);
    show(frame);
  };
  const tick = (now) => {
    // A page that was hidden goes on where it was.
    const passed = before ? Math.min(now - before, 100) : 0;
    before = now;
    go(frame + (passed / 1000 / seconds) * last);
    if (frame < last) request = requestAnimationFrame(tick);
    else pause();
  };
  const start = () => {
    if (frame >= last) frame = 0;
    play.textContent = "Pause";
    request = requestAnimationFrame(tick);
  };
  play.addEventListener("click", () => (request ? pause() : start()));
  step.addEventListener("click", () => {
    pause();
    const size = last / steps;
    // From a place between two steps to the next of them.
    go(frame >= last ? 0 : (Math.floor(frame / size + 1e-6) + 1) * size);
  });
  const seen = new IntersectionObserver((entries) => {
    if (!entries.some((entry) => entry.isIntersecting)) return;
    seen.disconnect();
    if (!still && !request && frame === 0) start();
  });
  seen.observe(root.querySelector("svg"));
  return {
    redraw: () => show(frame),
    stop() {
      seen.disconnect();
      pause();
    },
  };
}

// The `mount` of an explorer that plays: `draw(context, result, frame)`, and what a player takes.
export function mountFilm({ draw, ...film }) {
  return (context) => {
    let shown = null;
    const show = (frame) => shown && draw(context, shown, frame);
    const { redraw, stop } = player(context.root, { ...film, show });
    const follow = (result) => {
      shown = result;
      redraw();
    };
    return Object.assign(follow, { stop });
  };
}

// Which round a picture shows.
export function tellRound(root, round) {
  root.querySelector(".aab-when").textContent = `round ${counted(round)}`;
}
