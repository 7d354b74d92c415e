// A single yes or no.

import { element } from "./dom.js";

// `spec`: {name, label}.
export function toggleControl(spec, id, change) {
  const box = element(`
    <div class="aab-control aab-choice" data-control="${spec.name}">
      <label class="aab-check"><input type="checkbox" id="${id}" name="${spec.name}">
        <span>${spec.label}</span></label>
    </div>`);
  const input = box.querySelector("input");
  input.addEventListener("change", () => change({ [spec.name]: input.checked }));
  return { element: box, refresh: (values) => (input.checked = values[spec.name]), layout() {} };
}
