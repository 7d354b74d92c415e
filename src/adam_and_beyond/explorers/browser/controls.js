// Native labelled controls. Each is {element, refresh(values), layout()} and reports through
// `change({name: value})`. A slider's positions are whole numbers; a scale turns them into values.

function linearScale(low, high, step) {
  const places = Math.max(0, Math.ceil(-Math.log10(step)));
  return {
    positions: Math.round((high - low) / step),
    toValue: (p) => +(low + p * step).toFixed(places),
    toPosition: (v) => (v - low) / step,
  };
}

function logScale(low, high, positions, digits) {
  const span = Math.log(high / low);
  return {
    positions,
    toValue: (p) => +(low * Math.exp((p / positions) * span)).toPrecision(digits),
    toPosition: (v) => (Math.log(v / low) / span) * positions,
  };
}

// For a decay rate: equal ways divide the distance from 1 by equal factors; 0 at the left end.
function fadeScale(decades, perDecade) {
  return {
    positions: decades * perDecade,
    toValue: (p) => +(1 - +(10 ** (-p / perDecade)).toPrecision(3)).toFixed(12),
    toPosition: (v) => -Math.log10(1 - v) * perDecade,
  };
}

function element(html) {
  const template = document.createElement("template");
  template.innerHTML = html.trim();
  return template.content.firstElementChild;
}

// In a notebook, JupyterLab takes arrow keys and Enter unless the focused element says otherwise.
function keepKeys(target) {
  target.setAttribute("data-lm-suppress-shortcuts", "true");
}

// A slider, an exact number field, and a button for each value where something happens.
// `spec`: {name, label, note, scale, show, whole}, and from Python the ends allowed: {low, high,
// openHigh}.
function rangeControl(spec, id, change) {
  const { name, scale } = spec;
  const box = element(`
    <div class="aab-control" data-control="${name}">
      <label for="${id}"><span class="aab-symbol">${spec.label}</span> ${spec.note}</label>
      <div class="aab-slide">
        <input type="range" id="${id}" min="0" max="${scale.positions}" step="1">
      </div>
      <input class="aab-number" type="text" inputmode="decimal" autocomplete="off" id="${id}-n"
        name="${name}" spellcheck="false" aria-label="${spec.label} ${spec.note}, exact value">
      <div class="aab-marks" role="group" aria-label="Special values of ${spec.label}"></div>
    </div>`);
  const [slider, field] = box.querySelectorAll("input");
  const marks = markRow(box.querySelector(".aab-slide"), box.querySelector(".aab-marks"), (value) =>
    change({ [name]: value }),
  );
  slider.addEventListener("input", () => change({ [name]: scale.toValue(slider.valueAsNumber) }));
  field.addEventListener("change", () => {
    const text = field.value.trim().replace("−", "-");
    const typed = Number(text.replace(/,/g, spec.whole ? "" : "."));
    field.value = spec.show(shown); // what was typed, once it has come back as a value
    if (text !== "" && Number.isFinite(typed)) change({ [name]: allowed(spec, typed) });
  });
  field.addEventListener("keydown", (event) => {
    if (event.key === "Enter") field.blur();
  });
  let shown = NaN;
  return {
    element: box,
    refresh(values, { marks: special = [], regions = [], off = "" } = {}) {
      shown = values[name];
      const position = Math.min(Math.max(scale.toPosition(shown), 0), scale.positions);
      slider.value = Math.round(position);
      slider.setAttribute("aria-valuetext", spec.show(shown));
      if (!field.matches(":focus")) field.value = spec.show(shown);
      slider.disabled = field.disabled = off !== "";
      box.classList.toggle("aab-off", off !== "");
      box.title = off;
      const share = (v) => scale.toPosition(v) / scale.positions;
      const placed = special.map((mark) => ({ ...mark, share: share(mark.value) }));
      marks.refresh(placed.filter((mark) => mark.share >= 0 && mark.share <= 1));
      slider.style.setProperty("--track", trackColours(regions, share));
    },
    layout: marks.layout,
  };
}

// What a typed number becomes: the nearest allowed one; of `listed` values, one that a slider has.
function allowed({ low, high, openHigh, whole, listed, scale }, typed) {
  if (listed) return scale.toValue(Math.round(scale.toPosition(typed)));
  const top = openHigh ? high - 1e-6 : high;
  const value = Math.min(Math.max(typed, low), top);
  return whole ? Math.round(value) : value;
}

// The slider's track, coloured by what theory says: regions are {from, to, verdict}.
function trackColours(regions, share) {
  if (!regions.length) return "none";
  // Like the thumb's centre: half a thumb away from each end.
  const at = (v) => `calc(8px + ${share(v).toFixed(5)} * (100% - 16px))`;
  const stops = regions.map((r) => `var(--aab-${r.verdict}) ${at(r.from)} ${at(r.to)}`);
  return `linear-gradient(to right, ${stops.join(", ")})`;
}

// Ticks on a slider and, below it, a button per mark: {value, share, text, hint}.
function markRow(slide, row, choose) {
  let shown = [];
  const ticks = [];
  const buttons = [];
  const grow = () => {
    const tick = element('<span class="aab-mark-tick" aria-hidden="true"></span>');
    const button = element('<button type="button" class="aab-mark"></button>');
    const k = buttons.length;
    keepKeys(button);
    button.addEventListener("click", () => choose(shown[k].value));
    slide.append(tick);
    row.append(button);
    ticks.push(tick);
    buttons.push(button);
  };
  // Buttons stand under their ticks, moved apart where they would overlap; else they flow.
  const layout = () => {
    const width = row.clientWidth;
    const live = buttons.slice(0, shown.length);
    const widths = live.map((button) => button.offsetWidth + 4);
    const fits = width > 0 && widths.reduce((a, b) => a + b, 0) <= width;
    row.classList.toggle("aab-flow", !fits);
    if (!fits) return;
    const inset = 8; // half a thumb
    const wanted = shown.map((mark) => inset + mark.share * (width - 2 * inset));
    const placed = spread(wanted, widths, 0, width);
    live.forEach((button, k) => {
      button.style.left = `${(placed[k] - widths[k] / 2 + 2).toFixed(1)}px`;
    });
  };
  return {
    layout,
    refresh(marks) {
      shown = marks;
      while (buttons.length < marks.length) grow();
      buttons.forEach((button, k) => {
        button.hidden = ticks[k].hidden = k >= marks.length;
        if (button.hidden) return;
        const { share, text, hint } = marks[k];
        if (button.textContent !== text) button.textContent = text;
        button.title = hint;
        button.setAttribute("aria-label", hint);
        ticks[k].style.setProperty("--share", share.toFixed(5));
      });
      row.hidden = marks.length === 0;
      layout();
    },
  };
}

// `spec`: {name, label, options: [[value, text], ...], read}; `read` takes the option's text to the
// value, where that is no text.
function selectControl(spec, id, change) {
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

// `spec`: {name, label, options: [[value, text, hue], ...]}; its value is the list of those ticked.
function checksControl(spec, id, change) {
  const boxes = spec.options.map(
    ([value, text, hue], k) => `
      <label class="aab-check">
        <input type="checkbox" id="${id}-${k}" name="${spec.name}" value="${value}">
        ${swatch(hue)}<span>${escapeText(text)}</span></label>`,
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

// `spec`: {name, label, text}; a single yes or no.
function toggleControl(spec, id, change) {
  const box = element(`
    <div class="aab-control aab-choice" data-control="${spec.name}">
      <label class="aab-check"><input type="checkbox" id="${id}" name="${spec.name}">
        <span>${spec.label}</span></label>
    </div>`);
  const input = box.querySelector("input");
  input.addEventListener("change", () => change({ [spec.name]: input.checked }));
  return { element: box, refresh: (values) => (input.checked = values[spec.name]), layout() {} };
}

const swatch = (hue) =>
  '<svg class="aab-swatch" width="26" height="8" aria-hidden="true">' +
  `<path class="aab-line aab-hue" style="${hue}" d="M0,4H26"/></svg>`;

// A scale over given values in increasing order.
const listScale = (values) => ({
  positions: values.length - 1,
  toValue: (p) => values[p],
  toPosition(v) {
    const above = values.findIndex((value) => value >= v);
    if (above <= 0) return above < 0 ? values.length - 1 : 0;
    return above - (values[above] - v) / (values[above] - values[above - 1]);
  },
});

// Whole numbers, each while they are small, then about 40 for every factor of ten.
function countScale(low, high) {
  const values = [];
  for (let n = low; n <= high; n = Math.max(n + 1, Math.round(n * 1.06))) values.push(n);
  if (values.at(-1) !== high) values.push(high);
  return listScale(values);
}
