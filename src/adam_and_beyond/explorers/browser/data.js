// A list of numbers in a field.

import { element } from "./dom.js";

// `spec`: {name, label, limits}: from `least` to `most` numbers in [low, high].
export function dataControl({ name, label, limits }, id, change) {
  const { low, high, least, most } = limits;
  const box = element(`
    <div class="aab-control" data-control="${name}">
      <label for="${id}">${label}, from ${low} to ${high}</label>
      <input class="aab-list" type="text" id="${id}" name="${name}" autocomplete="off"
        spellcheck="false" aria-describedby="${id}-r">
      <p class="aab-refusal" id="${id}-r" role="alert"></p>
    </div>`);
  const field = box.querySelector("input");
  const refusal = box.querySelector(".aab-refusal");
  let shown = "";
  field.addEventListener("change", () => {
    const parts = field.value.split(/[\s,;]+/).filter(Boolean);
    const numbers = parts.map(Number);
    const fits = numbers.every((z) => z >= low && z <= high);
    if (fits && numbers.length >= least && numbers.length <= most) {
      refusal.textContent = "";
      change({ [name]: numbers });
      return;
    }
    refusal.textContent = `Refused: ${least} to ${most} numbers from ${low} to ${high} are wanted.`;
    field.value = shown;
  });
  return {
    element: box,
    refresh(values) {
      shown = values[name].join(", ");
      if (!field.matches(":focus")) field.value = shown;
    },
    layout() {},
  };
}
