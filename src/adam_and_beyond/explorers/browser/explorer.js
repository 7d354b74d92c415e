// The life of an explorer in any anywidget host: build controls, follow the model, compute in
// slices between frames, draw. An explorer is an object with
//   title, legend      words
//   traits             names of the model's values that it follows
//   figure             HTML of its charts
//   controls(get)      specs of its controls, each with `make`, a function of range.js, select.js ...
//                      and `more`, if it stands behind the word More
//   resolve(values)    optional: where one value follows from another
//   annotate(values)   control -> {marks, regions, disabled}, what theory says along it
//   compute(values, previous)   a result {values, tasks, ...}, as frames.js wants it
//   sentences(result)  what it says, as HTML
//   mount(context)     given {root, id, change, read}, returns the function that draws a result;
//                      its property `stop`, if it has one, ends what moves by itself

import { element, growing, keepKeys, later } from "./dom.js";
import { frameLoop } from "./frames.js";
import { admits } from "./numbers.js";

const SAVE_DELAY = 200; // milliseconds of rest before values go to Python
const CALM = 400; // milliseconds of rest before a screen reader is told

export const chartFrame = (name) =>
  `<div class="aab-chart"><svg role="img" data-chart="${name}" aria-label=""></svg></div>`;

// The module's default export: an anywidget, and for a page that reads states from its address
// whether a control's limits admit a number.
export const explorerWidget = (explorer) => ({
  render: (context) => renderExplorer(context, explorer),
  admits,
});

// What anywidget calls for every view: draws the explorer into `el`, returns what takes it away.
// The host hears "drawn" from `el` once there is something to see.
function renderExplorer({ model, el }, explorer) {
  const id = `aab-${Math.random().toString(36).slice(2, 9)}`;
  const root = skeleton(explorer, id);
  const save = later(SAVE_DELAY, () => model.save_changes());
  const change = (changes) => {
    for (const [name, value] of Object.entries(changes)) model.set(name, value);
    save.soon();
    loop.changed();
  };
  const read = () => {
    const values = Object.fromEntries(explorer.traits.map((name) => [name, model.get(name)]));
    return explorer.resolve?.(values) ?? values;
  };
  const controls = buildControls(explorer, root, id, model, change);
  root.querySelector(".aab-reset").addEventListener("click", () => change(model.get("defaults")));
  for (const target of root.querySelectorAll("input, select, button")) keepKeys(target);
  const draw = explorer.mount({ root, id, change, read });
  const verdict = verdictBox(root.querySelector(".aab-verdict"));
  let shown = null;
  const loop = frameLoop({
    read,
    refresh(values) {
      const notes = explorer.annotate(values);
      for (const { name, refresh } of controls) refresh(values, notes[name]);
    },
    compute: (values) => explorer.compute(values, shown),
    show(result) {
      const first = !shown;
      shown = result;
      verdict.show(explorer.sentences(result));
      draw(result);
      if (first) el.dispatchEvent(new Event("drawn"));
    },
  });
  const observer = new ResizeObserver(() => {
    for (const { layout } of controls) layout?.();
    if (shown) draw(shown);
  });

  for (const name of explorer.traits) model.on(`change:${name}`, loop.changed);
  el.append(root);
  observer.observe(root);
  loop.step();
  return () => {
    for (const name of explorer.traits) model.off(`change:${name}`, loop.changed);
    observer.disconnect();
    for (const part of [loop, save, verdict]) part.stop();
    draw.stop?.();
    root.remove();
  };
}

function skeleton({ title, figure, legend }, id) {
  return element(`
    <div class="aab" role="group" aria-label="${title}" id="${id}">
      <div class="aab-charts">${figure}</div>
      <div class="aab-controls"></div>
      <details class="aab-more" hidden>
        <summary>More controls</summary>
        <div class="aab-controls"></div>
      </details>
      <div class="aab-verdict" aria-live="polite" aria-atomic="true"></div>
      <div class="aab-foot">
        <span class="aab-key">${legend}</span>
        <div class="aab-tools">
          <button type="button" class="aab-button aab-reset">Reset</button>
        </div>
      </div>
    </div>`);
}

// Each control is {name, element, refresh(values, notes), layout()}, the last if it depends on the
// width, and reports through `change({name: value})`. What hides behind More is shown at once where
// a link has set it.
function buildControls(explorer, root, id, model, change) {
  const [front, back] = root.querySelectorAll(".aab-controls");
  const [more, limits, defaults] = [back.parentElement, model.get("limits"), model.get("defaults")];
  return explorer
    .controls((name) => model.get(name))
    .map((spec, k) => {
      const control = spec.make({ ...spec, limits: limits[spec.name] }, `${id}-${k}`, change);
      (spec.more ? back : front).append(control.element);
      if (spec.more) more.hidden = false;
      if (spec.more && String(model.get(spec.name)) !== String(defaults[spec.name])) {
        more.open = true;
      }
      return { ...control, name: spec.name };
    });
}

// What theory and the computation say, in words. Screen readers wait until a drag rests.
function verdictBox(box) {
  const calm = later(CALM, () => box.removeAttribute("aria-busy"));
  const grow = growing(box);
  let shown = "";
  return {
    stop: calm.stop,
    show(sentences) {
      const html = sentences.map((sentence) => `<p>${sentence}</p>`).join("");
      if (html === shown) return; // as when only a map has become finer
      box.setAttribute("aria-busy", "true");
      calm.soon();
      box.innerHTML = shown = html;
      grow();
    },
  };
}
