// Elements, the keys of the host, and waiting for rest.

export function element(html) {
  const template = document.createElement("template");
  template.innerHTML = html.trim();
  return template.content.firstElementChild;
}

// In a notebook, JupyterLab takes arrow keys and Enter unless the focused element says otherwise.
export function keepKeys(target) {
  target.setAttribute("data-lm-suppress-shortcuts", "true");
}

// Keeps the height that an element once had at its width, so that what follows it stays in place.
export function growing(box) {
  let [width, height] = [0, 0];
  return () => {
    if (box.clientWidth !== width) [width, height] = [box.clientWidth, 0];
    box.style.minHeight = "";
    height = Math.max(height, box.offsetHeight);
    box.style.minHeight = `${height}px`;
  };
}

// Calls `act` once things have rested for a while.
export function later(rest, act) {
  let timer = 0;
  const stop = () => clearTimeout(timer);
  const soon = () => {
    stop();
    timer = setTimeout(act, rest);
  };
  return { soon, stop };
}
