// Native, labelled controls over the traits of a widget model, in any anywidget host.

function html(tag, attributes = {}, children = []) {
  const element = document.createElement(tag);
  for (const [key, value] of Object.entries(attributes)) {
    if (key === "text") element.textContent = value;
    else if (value !== false) element.setAttribute(key, value === true ? "" : value);
  }
  element.append(...[children].flat());
  return element;
}

let serial = 0;

// How a slider's position p, a whole number from 0, stands for a value, and back.
const SCALES = {
  linear: ({ low, high, step }) => ({
    positions: Math.round((high - low) / step),
    value: (p) => Number((low + p * step).toPrecision(10)),
    position: (value) => (value - low) / step,
  }),
  log: ({ low, high, perDecade, integer = false }) => ({
    positions: Math.round(Math.log10(high / low) * perDecade),
    value: (p) => {
      const value = Number((low * 10 ** (p / perDecade)).toPrecision(3));
      return integer ? Math.round(value) : value;
    },
    position: (value) => Math.log10(value / low) * perDecade,
  }),
  // For decays: even steps in the logarithm of 1 - beta, from beta = 0.
  decay: ({ high, perDecade }) => ({
    positions: Math.round(-Math.log10(1 - high) * perDecade),
    value: (p) => Number((1 - 10 ** (-p / perDecade)).toPrecision(7)),
    position: (value) => -Math.log10(1 - value) * perDecade,
  }),
};

function slider(name, { label, scale, format, ...range }, change) {
  const map = SCALES[scale](range);
  const id = `aab-${(serial += 1)}`;
  const input = html("input", { id, type: "range", min: 0, max: map.positions, step: 1, "data-name": name });
  const output = html("output", { for: id });
  const marks = html("div", { class: "aab-marks" });
  const element = html("div", { class: "aab-field" }, [
    html("label", { for: id, text: label }),
    output,
    input,
    marks,
  ]);
  input.addEventListener("input", () => change(map.value(Number(input.value))));
  return {
    element,
    points: Array.from({ length: 101 }, (_, k) => map.value((k / 100) * map.positions)),
    show(value) {
      // A value set from Python or by a mark may lie between two positions: it is kept exactly.
      input.value = String(Math.round(map.position(value)));
      output.textContent = format(value);
      input.setAttribute("aria-valuetext", format(value));
    },
    // Small buttons under the slider where theory has something to say.
    mark(list) {
      const visible = list
        .map((mark) => ({ ...mark, share: map.position(mark.value) / map.positions }))
        .filter(({ share }) => share >= -1e-9 && share <= 1 + 1e-9)
        .sort((a, b) => a.share - b.share);
      const signature = JSON.stringify(visible);
      if (marks.dataset.signature === signature) return;
      marks.dataset.signature = signature;
      marks.replaceChildren(
        ...visible.map(({ value, label: text, share }, k) => {
          const button = html("button", {
            type: "button",
            class: "aab-mark",
            text,
            title: `set to ${format(value)}`,
            // Neighbours take turns on two rows; near the right end the text stands to the left.
            style: `--share: ${share.toFixed(4)}; --row: ${k % 2}`,
            "data-side": share > 0.6 ? "left" : "right",
          });
          button.addEventListener("click", () => change(value));
          return button;
        }),
      );
      marks.style.setProperty("--rows", Math.min(2, visible.length));
    },
  };
}

function select(name, { label, options }, change) {
  const id = `aab-${(serial += 1)}`;
  const input = html(
    "select",
    { id, "data-name": name },
    options.map(([value, text]) => html("option", { value, text })),
  );
  input.addEventListener("change", () => change(input.value));
  return {
    element: html("div", { class: "aab-field" }, [html("label", { for: id, text: label }), input]),
    show(value) {
      input.value = String(value);
    },
  };
}

// Boxes for a list of names (`options`), or for one truth value (without).
function boxes(name, { label, options, text }, change) {
  const inputs = (options ?? [[name, text]]).map(([value, caption]) => {
    const id = `aab-${(serial += 1)}`;
    const input = html("input", { id, type: "checkbox", value, "data-name": name });
    return { value, input, element: html("span", { class: "aab-box" }, [input, html("label", { for: id, text: caption })]) };
  });
  const read = () => inputs.filter(({ input }) => input.checked).map(({ value }) => value);
  for (const { input } of inputs) {
    input.addEventListener("change", () => change(options ? read() : input.checked));
  }
  return {
    element: html("fieldset", { class: "aab-field aab-boxes" }, [
      html("legend", { text: label }),
      ...inputs.map(({ element }) => element),
    ]),
    show(value) {
      for (const item of inputs) item.input.checked = options ? value.includes(item.value) : Boolean(value);
    },
  };
}

const KINDS = { slider, select, boxes };

// Builds an explorer: `fields` describe its controls by trait, `draw(values, view)` shows them.
// `view` has charts, the verdict line, the controls and `again`, which asks for another frame.
function explorer({ model, el, fields, charts, draw }) {
  const names = Object.keys(fields);
  const defaults = model.get("defaults");
  const values = Object.fromEntries(names.map((name) => [name, model.get(name)]));
  const root = html("div", { class: "aab" });
  const controls = {};
  let frame = 0;
  let timer = 0;

  function send() {
    clearTimeout(timer);
    // A drag makes many values; the kernel needs the last.
    timer = setTimeout(() => model.save_changes(), 150);
  }

  function set(name, value) {
    values[name] = value;
    model.set(name, value);
    controls[name].show(value);
    send();
    redraw();
  }

  for (const name of names) {
    controls[name] = KINDS[fields[name].kind](name, fields[name], (value) => set(name, value));
    controls[name].show(values[name]);
  }
  const reset = html("button", { type: "button", class: "aab-reset", text: "Reset" });
  reset.addEventListener("click", () => {
    for (const name of names) set(name, defaults[name]);
  });
  const verdict = html("p", { class: "aab-verdict", role: "status" });
  const places = charts.map((title) => html("div", { class: "aab-chart", "data-chart": title }));
  root.append(
    html("div", { class: "aab-charts" }, places),
    verdict,
    html("div", { class: "aab-controls" }, [...names.map((name) => controls[name].element), reset]),
  );
  el.append(root);

  const view = { places, verdict, controls, again: null };
  function tick() {
    frame = 0;
    const rest = view.again;
    view.again = null;
    if (rest) rest();
    else draw(values, view);
    if (view.again && !frame) frame = requestAnimationFrame(tick);
  }
  function redraw() {
    view.again = null; // a newer value overtakes an unfinished run
    if (!frame) frame = requestAnimationFrame(tick);
  }

  const listeners = names.map((name) => {
    const listener = () => {
      const value = model.get(name);
      if (JSON.stringify(value) === JSON.stringify(values[name])) return;
      values[name] = value;
      controls[name].show(value);
      redraw();
    };
    model.on(`change:${name}`, listener);
    return [name, listener];
  });
  let width = 0;
  const watcher = new ResizeObserver(() => {
    if (root.clientWidth === width) return;
    width = root.clientWidth;
    redraw();
  });
  watcher.observe(root);
  redraw();

  return () => {
    watcher.disconnect();
    cancelAnimationFrame(frame);
    clearTimeout(timer);
    for (const [name, listener] of listeners) model.off(`change:${name}`, listener);
    root.remove();
  };
}

// Advance several runs for at most a few tens of milliseconds a frame, then call `done`.
function inSlices(runs, view, done) {
  const started = performance.now();
  for (const run of runs) {
    while (!run.advance(20000)) {
      if (performance.now() - started > 40) {
        view.again = () => inSlices(runs, view, done);
        return;
      }
    }
  }
  done();
}
