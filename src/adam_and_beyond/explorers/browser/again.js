// A button that draws again: it takes the next seed.

import { element } from "./dom.js";

// `spec`: {name, label}; the value is a whole number below the upper end of its interval.
export function againControl({ name, label, limits }, id, change) {
  const box = element(`
    <div class="aab-control" data-control="${name}">
      <button type="button" class="aab-button" id="${id}">${label}</button>
    </div>`);
  let seed = 0;
  box.querySelector("button").addEventListener("click", () => {
    change({ [name]: seed + 1 < limits.high ? seed + 1 : limits.low });
  });
  return { element: box, refresh: (values) => (seed = values[name]), layout() {} };
}
