// Boxes of which several may be ticked, one for each method.

import { swatch } from "./colour.js";
import { element } from "./dom.js";
import { METHODS } from "./generated/methods.js";
import { escapeText } from "./text.js";

// `spec`: {name, label, methods}; its value is the list of the methods that are ticked.
export function checksControl(spec, id, change) {
  const boxes = spec.methods.map(
    (method, k) => `
      <label class="aab-check">
        <input type="checkbox" id="${id}-${k}" name="${spec.name}" value="${method}">
        ${swatch(method)}<span>${escapeText(METHODS[method].label)}</span></label>`,
  );
  const box = element(`
    <fieldset class="aab-control aab-checks" data-control="${spec.name}">
      <legend>${spec.label}</legend>${boxes.join("")}
    </fieldset>`);
  const inputs = [...box.querySelectorAll("input")];
  for (const input of inputs) {
    input.addEventListener("change", () => {
      const ticked = inputs.filter((i) => i.checked).map((i) => i.value);
      if (ticked.length) change({ [spec.name]: ticked });
      else input.checked = true; // one method at least
    });
  }
  return {
    element: box,
    refresh: (values) => inputs.forEach((i) => (i.checked = values[spec.name].includes(i.value))),
    layout() {},
  };
}
