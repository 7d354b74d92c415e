// A map as the reader meets it: a picture to point at with mouse, finger or arrow keys.

import { keepKeys } from "./dom.js";
import { followPointer } from "./drag.js";

const LEAP = 10; // steps of a Page key, and of an arrow with Shift

const KEYS = {
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
  ArrowUp: [0, 1],
  ArrowDown: [0, -1],
  PageUp: [0, LEAP],
  PageDown: [0, -LEAP],
  Home: [-Infinity, 0],
  End: [Infinity, 0],
};

// For a screen reader a map is a slider that moves both ways: it says where it stands.
export const MAP_FRAME = `
  <div class="aab-chart aab-map" tabindex="0" role="slider" aria-roledescription="map"
    aria-valuemin="0" aria-valuemax="1" aria-valuenow="0" aria-label="">
    <svg data-chart="map" aria-hidden="true"></svg>
  </div>`;

// Watches the map in `root`: `move(u, v)` is called with the point of the plane pointed at, each in
// [0, 1], `nudge(x, y)` with the steps of the keys. Returns the function that shows a picture.
export function mapView(root, { name, description, move, nudge }) {
  const area = root.querySelector(".aab-map");
  const svg = area.querySelector("svg");
  let box = null;
  keepKeys(area);
  area.setAttribute("aria-label", `${name}: ${description}`);
  followPointer(area, svg, (x, y) => {
    if (!box) return;
    const share = (v, from, to) => Math.min(Math.max((v - from) / (to - from), 0), 1);
    move(share(x, box.x0, box.x1), share(y, box.y0, box.y1));
  });
  area.addEventListener("keydown", (event) => {
    const direction = KEYS[event.key];
    if (!direction) return;
    event.preventDefault();
    const stride = event.shiftKey ? LEAP : 1;
    nudge(...direction.map((steps) => (steps ? steps * stride : 0)));
  });
  return (picture) => {
    const { width, height, text, position, positions, inside } = picture;
    box = picture.box;
    svg.setAttribute("viewBox", `0 0 ${width} ${height}`);
    svg.innerHTML = inside;
    area.setAttribute("aria-valuetext", text);
    area.setAttribute("aria-valuenow", position);
    area.setAttribute("aria-valuemax", positions);
  };
}
