// A list of numbers in a field.

import { element } from "./dom.js";

// `spec`: {name, label, low, high, most}: from 2 to `most` numbers in [low, high].
export function dataControl({ name, label, low, high, most }, id, change) {
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
    if (fits && numbers.length >= 2 && numbers.length <= most) {
      refusal.textContent = "";
      change({ [name]: numbers });
      return;
    }
    refusal.textContent = `Refused: 2 to ${most} numbers from ${low} to ${high} are wanted.`;
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
