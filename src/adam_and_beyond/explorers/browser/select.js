// A menu.

import { element } from "./dom.js";
import { escapeText } from "./text.js";

// `spec`: {name, label, options: [[value, text], ...], read}; `read` takes the option's text to the
// value, where that is no text.
export function selectControl(spec, id, change) {
  const options = spec.options.map(
    ([value, text]) => `<option value="${value}">${escapeText(text)}</option>`,
  );
  const box = element(`
    <div class="aab-control aab-choice" data-control="${spec.name}">
      <label for="${id}">${spec.label}</label>
      <select id="${id}" name="${spec.name}">${options.join("")}</select>
    </div>`);
  const select = box.querySelector("select");
  const read = spec.read ?? String;
  select.addEventListener("change", () => change({ [spec.name]: read(select.value) }));
  return {
    element: box,
    refresh: (values) => (select.value = values[spec.name]),
    layout() {},
  };
}
