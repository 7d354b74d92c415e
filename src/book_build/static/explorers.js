// Starts the explorers of a page that has no kernel. The page embeds the state of every widget;
// an explorer's state brings its own ES module (`_esm`), which this script imports and renders.
// A classic script, and modules through Blob addresses, so that it also works from file://.
(() => {
  "use strict";
  const STATE = "application/vnd.jupyter.widget-state+json";
  const VIEW = "application/vnd.jupyter.widget-view+json";

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

  function showPicture(container, error) {
    const sentence = document.createElement("p");
    sentence.setAttribute("role", "alert");
    sentence.textContent =
      "This explorer could not be started in your browser; its picture stands here instead. " +
      `(${error.message})`;
    const picture = document.createElement("template");
    const still = container.nextElementSibling;
    if (still?.localName === "noscript") picture.innerHTML = still.textContent;
    container.replaceChildren(sentence, picture.content);
  }

  async function start(container, open) {
    try {
      const { model_id } = JSON.parse(
        container.querySelector(`script[type="${VIEW}"]`).textContent,
      );
      const { model, widget } = await open(model_id);
      const el = document.createElement("div");
      container.append(el);
      await widget.render({ model, el });
    } catch (error) {
      showPicture(container, error);
    }
    container.removeAttribute("aria-busy");
  }

  function main() {
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
