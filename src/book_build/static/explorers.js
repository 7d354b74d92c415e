// Starts the explorers of a page that has no kernel. The page embeds the state of every widget;
// an explorer's state brings its own ES module (`_esm`), which this script imports and renders.
// A classic script, and modules through Blob addresses, so that it also works from file://.
//
// An explorer's state stands in the page's address, as in #explorer-boundary?beta1=0.9&beta2=0.99:
// the values that differ from the page's own. A pair (beta1, beta2) goes to other pages only where
// the reader presses a button, and each explorer that starts with it says so.
(() => {
  "use strict";
  const STATE = "application/vnd.jupyter.widget-state+json";
  const VIEW = "application/vnd.jupyter.widget-view+json";
  const PATIENCE = 10_000; // milliseconds for the first picture
  const REST = 250; // milliseconds of rest before a state goes to the address
  const SETTLING = 10_000; // milliseconds in which a slow page may still grow
  const TOLD = 2_000; // milliseconds for which a button says what it did
  const CARRIED = "adam-and-beyond-betas";
  const PAIR = { beta1: "β₁", beta2: "β₂" };

  // The part of the Jupyter widget model that a view uses, over a plain object.
  class Model {
    constructor(state) {
      this.state = { ...state };
      this.callbacks = {};
    }
    get(name) {
      return this.state[name];
    }
    set(name, value) {
      const changes = typeof name === "object" ? name : { [name]: value };
      const changed = Object.keys(changes).filter((key) => this.state[key] !== changes[key]);
      Object.assign(this.state, changes);
      for (const key of changed) this.trigger(`change:${key}`, this.state[key]);
      if (changed.length) this.trigger("change");
    }
    on(events, callback) {
      for (const event of events.split(" ")) (this.callbacks[event] ??= []).push(callback);
    }
    off(events, callback) {
      for (const event of events ? events.split(" ") : Object.keys(this.callbacks)) {
        this.callbacks[event] = (this.callbacks[event] ?? []).filter(
          (known) => callback && known !== callback,
        );
      }
    }
    trigger(event, ...values) {
      for (const callback of [...(this.callbacks[event] ?? [])]) callback(this, ...values);
    }
    save_changes() {}
    send() {}
  }

  // Binary traits are stored apart from the rest of the state.
  function withBuffers({ state, buffers = [] }) {
    for (const { path, data } of buffers) {
      const bytes = Uint8Array.from(atob(data), (letter) => letter.charCodeAt(0));
      const holder = path.slice(0, -1).reduce((inner, key) => inner[key], state);
      holder[path.at(-1)] = new DataView(bytes.buffer);
    }
    return state;
  }

  const once =
    (make, known = new Map()) =>
    (key) => {
      if (!known.has(key)) known.set(key, make(key));
      return known.get(key);
    };

  const addStyle = once((css) => {
    const style = document.createElement("style");
    style.textContent = css;
    document.head.append(style);
    return style;
  });

  const importModule = once(async (code) => {
    const address = URL.createObjectURL(new Blob([code], { type: "text/javascript" }));
    try {
      const { default: found } = await import(address);
      return typeof found === "function" ? await found() : found;
    } finally {
      URL.revokeObjectURL(address);
    }
  });

  const made = (tag, text, attributes = {}) => {
    const element = document.createElement(tag);
    element.textContent = text;
    for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
    return element;
  };

  const button = (text, act) => {
    const element = made("button", text, { type: "button", class: "aab-button" });
    element.addEventListener("click", () => act(element));
    return element;
  };

  // The state as the end of an address

  const differs = (model, name) => String(model.get(name)) !== String(model.get("defaults")[name]);

  const written = (model) =>
    Object.keys(model.get("defaults"))
      .filter((name) => differs(model, name))
      .map((name) => `${name}=${encodeURIComponent(model.get(name)).replace(/%2C/g, ",")}`)
      .join("&");

  // What a text names and the limits allow: it may say anything, and the rest is passed over.
  function read(text, { model, widget }) {
    const found = {};
    for (const [name, given] of new URLSearchParams(text)) {
      const value = valueOf(given, model.get("defaults")[name], model.get("limits")[name], widget);
      if (value !== undefined) found[name] = value;
    }
    return found;
  }

  function valueOf(given, pattern, limit = {}, widget = {}) {
    const among = (value) => !limit.options || limit.options.includes(value);
    if (typeof pattern === "boolean") return { true: true, false: false }[given];
    if (typeof pattern === "string") return among(given) ? given : undefined;
    if (typeof pattern === "number") {
      const value = given.trim() === "" ? NaN : Number(given);
      return among(value) && widget.admits(limit, value) ? value : undefined;
    }
    if (!Array.isArray(pattern)) return undefined;
    const items = given.split(",");
    if (typeof pattern[0] === "number") return numbersOf(items, limit, widget);
    return items.every(among) ? [...new Set(items)] : undefined;
  }

  // Numbers may come twice, and in any order.
  function numbersOf(items, limit, widget) {
    const numbers = items.map((item) => (item.trim() === "" ? NaN : Number(item)));
    const fits = numbers.length >= limit.least && numbers.length <= limit.most;
    return fits && numbers.every((value) => widget.admits(limit, value)) ? numbers : undefined;
  }

  // {id, text} of the present address, if it names a state.
  function addressed() {
    const [id, text] = location.hash.slice(1).split(/\?(.*)/s);
    return text === undefined ? null : { id, text };
  }

  function keepInAddress(container, model) {
    let timer = 0;
    addEventListener("hashchange", () => clearTimeout(timer)); // the reader has gone elsewhere
    model.on("change", () => {
      clearTimeout(timer);
      timer = setTimeout(() => {
        const text = written(model);
        const address = `#${container.id}${text && "?"}${text}`;
        history.replaceState(history.state, "", address);
      }, REST);
    });
  }

  // The pair that the reader carries along

  function carried() {
    try {
      const { values, from } = JSON.parse(localStorage.getItem(CARRIED));
      return { values, from: String(from) };
    } catch {
      return null; // nothing, or nothing of ours
    }
  }

  // The carried values that an explorer takes.
  function takeCarried({ model, widget }) {
    const pair = carried();
    const text = new URLSearchParams(
      Object.entries(pair?.values ?? {}).filter(([name]) => name in PAIR),
    );
    const values = read(text, { model, widget });
    return Object.keys(values).length ? { values, from: pair.from } : null;
  }

  const listed = (values) =>
    Object.entries(values)
      .map(([name, value]) => `${PAIR[name]} = ${value}`)
      .join(", ");

  function carriedNote(model, { values, from }) {
    const note = made("p", `${listed(values)}: carried from “${from}”. `, {
      class: "explorer-note",
    });
    const back = button("Back to this page's values", () => {
      forget();
      model.set(model.get("defaults"));
      note.remove();
    });
    note.append(back);
    return note;
  }

  const forget = () => {
    try {
      localStorage.removeItem(CARRIED);
    } catch {
      // Where nothing can be kept, nothing is.
    }
  };

  function carry(model, pressed) {
    const names = Object.keys(PAIR).filter((name) => name in model.get("defaults"));
    const values = Object.fromEntries(names.map((name) => [name, model.get(name)]));
    const from = (document.querySelector("h1")?.firstChild ?? document).textContent;
    try {
      localStorage.setItem(CARRIED, JSON.stringify({ values, from: from ?? document.title }));
      tell(pressed, `Other pages take ${listed(values)}`);
    } catch {
      tell(pressed, "This browser keeps nothing");
    }
  }

  // Python

  const WORDS = { true: "True", false: "False" };

  const pythonOf = (model) =>
    model.get("python").replace(/\{(\w+)\}/g, (whole, name) => {
      const value = model.get(name);
      return value === undefined ? whole : (WORDS[value] ?? JSON.stringify(value));
    });

  async function copyPython(model, pressed) {
    const lines = pythonOf(model);
    try {
      await navigator.clipboard.writeText(lines);
      tell(pressed, "Copied");
    } catch {
      // Where a page may not copy, the reader can.
      const foot = pressed.parentElement;
      const known = foot.querySelector("textarea");
      const box = known ?? made("textarea", "", { readonly: "", rows: 9 });
      box.setAttribute("aria-label", "The same in Python");
      box.value = lines;
      foot.append(box);
      box.focus();
      box.select();
    }
  }

  function tell(pressed, text) {
    const before = (pressed.dataset.name ??= pressed.textContent);
    pressed.textContent = text;
    setTimeout(() => (pressed.textContent = before), TOLD);
  }

  // What stands below an explorer besides its own Reset.
  function addTools(el, model) {
    const tools = el.querySelector(".aab-tools");
    if (!tools) return;
    if (model.get("python")) {
      tools.append(button("Copy as Python", (pressed) => copyPython(model, pressed)));
    }
    const names = Object.keys(PAIR).filter((name) => name in model.get("defaults"));
    if (!names.length) return;
    const label = `Use ${names.map((name) => PAIR[name]).join(", ")} on other pages`;
    tools.append(button(label, (pressed) => carry(model, pressed)));
  }

  // The life of one explorer on the page

  function fail(container, error) {
    const sentence =
      "This explorer could not be started in your browser; its picture stands here instead. ";
    container.querySelector(".explorer-coming")?.remove();
    container.prepend(made("p", `${sentence}(${error.message})`, { role: "alert" }));
  }

  async function start(container, open) {
    container.setAttribute("aria-busy", "true");
    try {
      const { model_id } = JSON.parse(
        container.querySelector(`script[type="${VIEW}"]`).textContent,
      );
      const opened = await open(model_id);
      const { model, widget } = opened;
      const wanted = addressed();
      const own = wanted?.id === container.id;
      const pair = own ? null : takeCarried(opened);
      if (own || pair) model.set(own ? read(wanted.text, opened) : pair.values);
      const el = made("div", "", { class: "explorer-coming" });
      container.append(el);
      const drawn = new Promise((done) => {
        el.addEventListener("drawn", done);
        setTimeout(done, PATIENCE);
      });
      await widget.render({ model, el });
      addTools(el, model);
      await drawn;
      container.querySelector(".explorer-still")?.remove();
      el.className = "";
      if (pair) (el.querySelector(".aab") ?? el).prepend(carriedNote(model, pair));
      if (own) container.scrollIntoView();
      keepInAddress(container, model);
      addEventListener("hashchange", () => {
        const next = addressed();
        if (next?.id !== container.id) return;
        model.set({ ...model.get("defaults"), ...read(next.text, opened) });
        container.scrollIntoView();
      });
    } catch (error) {
      fail(container, error);
    }
    container.removeAttribute("aria-busy");
  }

  // Formulas and pictures come after the browser has gone to a heading, and change the heights above
  // it: go there again as often, until the page rests or the reader moves.
  function landAgain() {
    if (!location.hash) return;
    const [id] = location.hash.slice(1).split("?");
    const land = () => document.getElementById(id)?.scrollIntoView();
    const watch = new ResizeObserver(land);
    const stop = () => watch.disconnect();
    for (const kind of ["wheel", "touchstart", "pointerdown", "keydown", "hashchange"]) {
      addEventListener(kind, stop, { once: true, passive: true });
    }
    watch.observe(document.body);
    setTimeout(stop, SETTLING);
  }

  function main() {
    landAgain();
    const stored = document.querySelector(`script[type="${STATE}"]`);
    const models = stored ? JSON.parse(stored.textContent).state : {};
    // Two views of one model share it, as in Jupyter.
    const open = once(async (id) => {
      const state = withBuffers(models[id]);
      if (state._css) addStyle(state._css);
      const widget = await importModule(state._esm);
      const model = new Model(state);
      await widget.initialize?.({ model });
      return { model, widget };
    });
    for (const container of document.querySelectorAll(".explorer")) start(container, open);
  }

  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", main);
  else main();
})();
