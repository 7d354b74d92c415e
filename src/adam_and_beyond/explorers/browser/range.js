// A slider, a field for its exact number, and a button for each value where something happens.

import { element } from "./dom.js";
import { markRow } from "./marks.js";
import { readNumber } from "./numbers.js";

// `spec`: {name, label, note, scale, format}; `limits` is the interval of the trait in Python. With
// `listed`, only the scale's own values exist, and the nearest of them stands for what was typed;
// `also` are values that change with it.
export function rangeControl(spec, id, change) {
  const { name, label, note, scale, format, limits, listed, also } = spec;
  const send = (value) => change({ [name]: value, ...also });
  const box = element(`
    <div class="aab-control" data-control="${name}">
      <label for="${id}"><span class="aab-symbol">${label}</span> ${note}</label>
      <div class="aab-slide">
        <input type="range" id="${id}" min="0" max="${scale.positions}" step="1">
      </div>
      <input class="aab-number" type="text" inputmode="decimal" autocomplete="off" id="${id}-n"
        name="${name}" spellcheck="false" aria-label="${label} ${note}, exact value"
        aria-describedby="${id}-r">
      <div class="aab-marks" role="group" aria-label="Special values of ${label}"></div>
      <p class="aab-refusal" id="${id}-r" role="alert"></p>
    </div>`);
  const [slider, field] = box.querySelectorAll("input");
  const refusal = box.querySelector(".aab-refusal");
  const marks = markRow(box.querySelector(".aab-slide"), box.querySelector(".aab-marks"), send);
  let current = NaN;
  let all = {};
  let held = {}; // the values when a finger came
  slider.addEventListener("input", () => send(scale.toValue(slider.valueAsNumber)));
  slider.addEventListener("pointerdown", () => (held = all));
  // The finger scrolls the page: what it touched goes back.
  slider.addEventListener("pointercancel", () => {
    change(Object.fromEntries([name, ...Object.keys(also ?? {})].map((key) => [key, held[key]])));
  });
  field.addEventListener("change", () => {
    const typed = readNumber(field.value, label, limits);
    field.value = format(current); // what was typed, once it has come back as a value
    refusal.textContent = typed.refusal ?? "";
    if (typed.refusal) return;
    const nearest = () => scale.toValue(Math.round(scale.toPosition(typed.value)));
    send(listed ? nearest() : typed.value);
  });
  field.addEventListener("keydown", (event) => {
    if (event.key === "Enter") field.blur();
  });
  return {
    element: box,
    refresh(values, { marks: special = [], regions = [], disabled = "" } = {}) {
      all = values;
      current = values[name];
      refusal.textContent = "";
      const position = Math.min(Math.max(scale.toPosition(current), 0), scale.positions);
      slider.value = Math.round(position);
      slider.setAttribute("aria-valuetext", format(current));
      if (!field.matches(":focus")) field.value = format(current);
      field.style.width = `${Math.max(9, format(current).length) + 2}ch`; // as wide as its digits
      slider.disabled = field.disabled = disabled !== "";
      box.classList.toggle("aab-off", disabled !== "");
      box.title = disabled;
      const share = (v) => scale.toPosition(v) / scale.positions;
      const shares = special.map((mark) => ({ ...mark, share: share(mark.value) }));
      marks.refresh(shares.filter((mark) => mark.share >= 0 && mark.share <= 1));
      slider.style.setProperty("--track", trackColours(regions, share));
    },
    layout: marks.layout,
  };
}

// The slider's track, coloured by what theory says: regions are {from, to, verdict}.
function trackColours(regions, share) {
  if (!regions.length) return "none";
  // Like the thumb's centre: half a thumb away from each end.
  const at = (v) => `calc(8px + ${share(v).toFixed(5)} * (100% - 16px))`;
  const stops = regions.map((r) => `var(--aab-${r.verdict}) ${at(r.from)} ${at(r.to)}`);
  return `linear-gradient(to right, ${stops.join(", ")})`;
}
