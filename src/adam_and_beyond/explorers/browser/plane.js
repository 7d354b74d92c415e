// Planes of two quantities, drawn as SVG text. An axis is {title, share, value, ticks}: `share`
// takes a value to its place between 0 and 1, `value` a place to its value; ticks are {at, text}.

const evenly = (n) => Array.from({ length: n }, (_, k) => k / (n - 1));

// A decay rate by the distance from 1, `decades` powers of ten of it.
const fadeAxis = (title, decades) => ({
  title,
  share: (v) => -Math.log10(1 - v) / decades,
  value: (u) => 1 - 10 ** (-u * decades),
  ticks: Array.from({ length: decades + 1 }, (_, k) => {
    const at = +(1 - 10 ** -k).toFixed(12);
    return { at, text: String(at) };
  }),
});

// Powers of ten, and where there is room for more the 3 between two of them.
function logAxis(title, low, high, write = short) {
  const span = Math.log(high / low);
  const factors = span < Math.log(2000) ? [1, 3] : [1];
  const ticks = [];
  for (let power = Math.floor(Math.log10(low)); 10 ** power <= high * 1.001; power++) {
    for (const factor of factors) {
      const at = factor * 10 ** power;
      if (at >= low * 0.999 && at <= high * 1.001) ticks.push({ at, text: write(at) });
    }
  }
  const share = (v) => Math.log(Math.max(v, 1e-300) / low) / span;
  return { title, share, value: (u) => low * (high / low) ** u, ticks };
}

const linearAxis = (title, low, high) => ({
  title,
  share: (v) => (v - low) / (high - low),
  value: (u) => low + u * (high - low),
  ticks: niceTicks(low, high).map((at) => ({ at, text: at >= 1000 ? short(at) : String(at) })),
});

// The places of a plane in its picture: {x0, x1, y0, y1, X, Y}, px, `right` px kept for labels.
function planeBox({ width, height, right = 14 }, x, y) {
  const widest = Math.max(...y.ticks.map(({ text }) => text.length));
  const box = { x0: Math.max(34, 14 + 7 * widest), x1: width - right, y0: height - 38, y1: 26 };
  const within = (share) => Math.min(Math.max(share, -1), 2); // far outside is outside
  return {
    ...box,
    X: (v) => box.x0 + within(x.share(v)) * (box.x1 - box.x0),
    Y: (v) => box.y0 - within(y.share(v)) * (box.y0 - box.y1),
  };
}

// The frame with its ticks and titles; what lies inside is drawn by the caller, before.
function planeAxes(box, x, y) {
  const { x0, x1, y0, y1 } = box;
  const parts = [write("aab-title", 0, 13, y.title)];
  for (const { at, text } of y.ticks) {
    parts.push(`<path class="aab-axis" d="M${point(x0, box.Y(at))}h-4"/>`);
    parts.push(write("aab-tick", x0 - 7, box.Y(at) + 4, text, "end"));
  }
  for (const { at, text } of x.ticks) {
    parts.push(`<path class="aab-axis" d="M${point(box.X(at), y0)}v4"/>`);
    parts.push(write("aab-tick", box.X(at), y0 + 16, text, "middle"));
  }
  parts.push(`<path class="aab-axis" d="M${x0},${y0}H${x1.toFixed(1)}V${y1}H${x0}Z"/>`);
  parts.push(write("aab-title", x1, y0 + 34, x.title, "end"));
  return parts.join("");
}

const clipTo = (id, { x0, x1, y0, y1 }) =>
  `<clipPath id="${id}"><rect x="${x0}" y="${y1}" width="${(x1 - x0).toFixed(1)}" ` +
  `height="${y0 - y1}"/></clipPath>`;

// A curve over a plane: `points` are [x, y]; a gap stands where y is null.
function curvePath(points, { X, Y }) {
  let pen = "M";
  const parts = [];
  for (const [x, y] of points) {
    if (y === null || !Number.isFinite(y)) {
      pen = "M";
      continue;
    }
    parts.push(pen + point(X(x), Y(y)));
    pen = "L";
  }
  return parts.join("");
}

const spot = (x, y, kind = "") =>
  `<circle class="aab-here ${kind}" cx="${x.toFixed(1)}" cy="${y.toFixed(1)}" r="4.5"/>`;

// The picture of a plane in one of the explorer's charts; `inside(box)` is what it shows.
function drawPlane(root, { name, sentence, x, y, height, right, inside }) {
  const svg = root.querySelector(`[data-chart="${name}"]`);
  const width = svg.parentElement.clientWidth;
  if (!width) return; // not laid out yet; the observer will call again
  const box = planeBox({ width, height, right }, x, y);
  svg.setAttribute("viewBox", `0 0 ${width} ${height}`);
  svg.setAttribute("aria-label", sentence);
  svg.innerHTML = `<desc>${escapeText(sentence)}</desc>${inside(box)}`;
}
