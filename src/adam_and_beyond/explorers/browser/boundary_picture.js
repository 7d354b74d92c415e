// The picture of the map of the exact boundary, as SVG text.

import { PLANES, theorem2Beta1, theorem2Map } from "./boundary_map.js";
import { planeAxes, planeBox } from "./plane.js";
import { positivePart, roomFor } from "./sign_map.js";
import { clipPathOf, point, spreadLabels } from "./svg.js";

const at = (x, y) => `x="${x.toFixed(1)}" y="${y.toFixed(1)}"`;

// What map_view.js shows; `text` says it in words.
export function mapPicture(id, { values, map }, text, width, height) {
  const { x, y } = PLANES[values.plane];
  const box = planeBox({ width, height }, x, y);
  const X = (u) => box.x0 + u * (box.x1 - box.x0);
  const Y = (v) => box.y0 - v * (box.y0 - box.y1);
  const fails = positivePart(map, X, Y);
  const paper = theorem2Beta1(values) === null ? null : theorem2Map(values);
  const inside = [
    clipPathOf(`${id}-cm`, box),
    `<pattern id="${id}-hatch" width="7" height="7" patternUnits="userSpaceOnUse" ` +
      'patternTransform="rotate(45)"><path class="aab-hatch" d="M0,0V7"/></pattern>',
    `<g clip-path="url(#${id}-cm)">`,
    `<rect class="aab-area-fine" ${at(box.x0, box.y1)} width="${(box.x1 - box.x0).toFixed(1)}" ` +
      `height="${box.y0 - box.y1}"/>`,
    `<path class="aab-area-fails" data-series="map" d="${fails.area}"/>`,
    `<path fill="url(#${id}-hatch)" d="${fails.area}"/>`,
    `<path class="aab-boundary" d="${fails.edge}"/>`,
    ...(paper ? paperPart(paper, X, Y) : []),
    "</g>",
    planeAxes(box, x, y),
    ...mapLabels(box, map, paper),
    crosshair(box, values[x.name], values[y.name]),
  ].join("");
  return {
    width,
    height,
    box,
    inside,
    position: Math.round(y.scale.toPosition(values[y.name])),
    positions: y.scale.positions,
    text,
  };
}

// Names of the parts, where these have room, apart from each other.
function mapLabels(box, map, paper) {
  const found = [
    [roomFor(map, true, 0.16), "worst point"],
    [roomFor(map, false, 0.16), "best point"],
    [paper && roomFor(paper, true, 0.07), "Theorem 2"],
  ].filter(([room]) => room);
  const rows = spreadLabels(
    found.map(([{ v }]) => box.y0 - v * (box.y0 - box.y1)),
    found.map(() => 18),
    box.y1,
    box.y0,
  );
  return found.map(([{ u }, text], k) => {
    const middle = box.x0 + u * (box.x1 - box.x0);
    const x = Math.min(Math.max(middle, box.x0 + 44), box.x1 - 44); // half a label to each side
    return `<text class="aab-region-name" text-anchor="middle" ${at(x, rows[k] + 4)}>${text}</text>`;
  });
}

function paperPart(map, X, Y) {
  const { area, edge } = positivePart(map, X, Y);
  return [
    `<path class="aab-paper-area" d="${area}"/>`,
    `<path class="aab-paper-edge" data-series="paper" d="${edge}"/>`,
  ];
}

function crosshair(box, x, y) {
  const [X, Y] = [box.X(x), box.Y(y)];
  const inside = X >= box.x0 && X <= box.x1 && Y >= box.y1 && Y <= box.y0;
  if (!inside) return "";
  return (
    `<path class="aab-cross" d="M${point(X, box.y0)}V${box.y1}M${point(box.x0, Y)}H${box.x1}"/>` +
    `<circle class="aab-here" cx="${X.toFixed(1)}" cy="${Y.toFixed(1)}" r="6"/>`
  );
}
