// What opens the chapter on certified maps: boxes of decays are proved one by one, or halved.

import { linearAxis } from "./axes.js";
import { chartFrame, explorerWidget } from "./explorer.js";
import { drawPlane, planeAxes } from "./plane.js";
import { mountFilm, PLAYER } from "./player.js";
import { rangeControl } from "./range.js";
import { linearScale } from "./scales.js";
import { counted, significant } from "./text.js";

const FRAMES = 100;

// The boxes of a text like "xFyCU" in the order in which they are looked at, the largest first:
// {x, y, wide, high, sign}, where sign is that of the letter and "" for a box that is halved.
export function boxesOf(text) {
  const found = [];
  let next = 0;
  const read = (x, y, wide, high, depth) => {
    const letter = text[next++];
    const halved = letter === "x" || letter === "y";
    found.push({ x, y, wide, high, depth, sign: halved ? "" : letter });
    if (letter === "x") {
      read(x, y, wide / 2, high, depth + 1);
      read(x + wide / 2, y, wide / 2, high, depth + 1);
    } else if (letter === "y") {
      read(x, y, wide, high / 2, depth + 1);
      read(x, y + high / 2, wide, high / 2, depth + 1);
    }
  };
  read(0, 0, 1, 1, 0);
  // Boxes that are left are not looked at.
  const left = found.filter(({ sign }) => sign === "U");
  const looked = found.filter(({ sign }) => sign !== "U").sort((a, b) => a.depth - b.depth);
  return { looked, left };
}

const areaOf = (boxes, sign) =>
  boxes.reduce((sum, box) => (box.sign === sign ? sum + box.wide * box.high : sum), 0);

// What is known after the first boxes, as shares of the square.
export function sharesAfter({ looked }, count) {
  const [fails, converges] = ["F", "C"].map((sign) => areaOf(looked.slice(0, count), sign));
  return { fails, converges, open: 1 - fails - converges };
}

// Few boxes at first, so that each is seen.
const countAt = ({ looked }, frame) =>
  1 + Math.floor((looked.length - 1) * (Math.floor(frame) / FRAMES) ** 2);

const percent = (share) => `${significant(100 * share)} %`;

function drawBoxes({ root, id }, { boxes }, frame) {
  const count = countAt(boxes, frame);
  const { fails, converges, open } = sharesAfter(boxes, count);
  const shown = boxes.looked.slice(0, count);
  const width = root.querySelector('[data-chart="boxes"]').parentElement.clientWidth;
  const [x, y] = [linearAxis("β₁", 0, 1), linearAxis("β₂", 0, 1)];
  drawPlane(root, {
    name: "boxes",
    x,
    y,
    height: Math.min(width, 400) + 30,
    sentence:
      `Square of all β₁ and β₂, cut into boxes. After ${counted(count)} boxes Adam is proved to ` +
      `fail on ${percent(fails)} of it, to converge on ${percent(converges)}.`,
    inside(box) {
      const path = (sign) =>
        shown
          .filter((b) => b.sign === sign)
          .map((b) => {
            const [left, right] = [box.X(b.x), box.X(b.x + b.wide)];
            const [low, high] = [box.Y(b.y), box.Y(b.y + b.high)];
            return `M${left.toFixed(1)},${low.toFixed(1)}H${right.toFixed(1)}V${high.toFixed(1)}H${left.toFixed(1)}Z`;
          })
          .join("");
      const failing = path("F");
      const all = `M${box.x0},${box.y0}H${box.x1.toFixed(1)}V${box.y1}H${box.x0}Z`;
      return [
        `<pattern id="${id}-hatch" width="7" height="7" patternUnits="userSpaceOnUse" ` +
          'patternTransform="rotate(45)"><path class="aab-box-hatch" d="M0,0V7"/></pattern>',
        `<path class="aab-bar-up" d="${all}"/>`,
        `<path class="aab-box" data-series="halved" d="${path("")}"/>`,
        `<path class="aab-box aab-box-fails" data-series="fails" d="${failing}"/>`,
        `<path fill="url(#${id}-hatch)" d="${failing}"/>`,
        `<path class="aab-box aab-box-fine" data-series="fine" d="${path("C")}"/>`,
        planeAxes(box, x, y),
      ].join("");
    },
  });
  root.querySelector(".aab-when").textContent =
    `${counted(count)} ${count > 1 ? "boxes" : "box"}, ${percent(open)} open`;
}

export const EXPLORER = {
  title: "Explorer of a map that is proved",
  traits: ["C", "data"],
  figure: chartFrame("boxes") + PLAYER,
  legend: `Every point of a box is proved
    <span><span class="aab-patch aab-patch-fails"></span> to fail</span>
    <span><span class="aab-patch aab-patch-fine"></span> to converge</span>. Grey: open.`,
  annotate: () => ({}),
  mount: mountFilm({ last: FRAMES, seconds: 9, steps: 20, draw: drawBoxes }),

  compute(values) {
    const { C, data } = values;
    return { values, boxes: boxesOf(data[C]), tasks: [] };
  },

  controls: () => [
    {
      make: rangeControl,
      name: "C",
      label: "C",
      note: "the steep slope, once in C rounds",
      scale: linearScale(3, 8, 1),
      format: counted,
    },
  ],

  sentences({ boxes }) {
    const { fails, converges, open } = sharesAfter(boxes, boxes.looked.length);
    return [
      `<strong class="aab-fails">Adam fails</strong> on ${percent(fails)} of all (β₁, β₂), and ` +
        `<strong class="aab-fine">converges</strong> on ${percent(converges)}: proved, at all ` +
        `their points, with ${counted(boxes.looked.length)} boxes. ${percent(open)} are open yet.`,
    ];
  },
};

export default explorerWidget(EXPLORER);
