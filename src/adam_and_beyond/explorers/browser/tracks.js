// Curves that are drawn as they play, each with a ball at its head and its name beside it.

import { drawPlane, curvePath, planeAxes } from "./plane.js";
import { dot, spreadLabels } from "./svg.js";
import { escapeText } from "./text.js";

// `tracks`: {series, label, style, points: [[x, y]]}, drawn up to point number `frame`. The rest is
// as in plane.js.
export function drawTracks(root, { tracks, frame, behind = () => "", ...plane }) {
  drawPlane(root, {
    height: root.clientWidth < 580 ? 230 : 290,
    right: 88,
    ...plane,
    inside(box) {
      const seen = tracks.map(({ points }) => points.slice(0, Math.floor(frame) + 1));
      const heads = seen.map((points) => points.at(-1));
      const rows = spreadLabels(
        heads.map(([, y]) => Math.min(Math.max(box.Y(y), box.y1), box.y0)),
        heads.map(() => 16),
        box.y1 - 8,
        box.y0 + 8,
      );
      return [
        behind(box),
        planeAxes(box, plane.x, plane.y),
        ...tracks.map(
          ({ series, style }, k) =>
            `<path class="aab-line aab-hue" style="${style}" data-series="${series}" ` +
            `d="${curvePath(seen[k], box)}"/>`,
        ),
        ...tracks.map(({ label, style }, k) => {
          const x = box.X(heads[k][0]);
          const at = `x="${(x + 10).toFixed(1)}" y="${(rows[k] + 4).toFixed(1)}"`;
          return (
            dot(x, box.Y(heads[k][1])) +
            `<text class="aab-label aab-hue" style="${style}" ${at}>${escapeText(label)}</text>`
          );
        }),
      ].join("");
    },
  });
}
