// The switch of a page that shows all of its code and checks. The folds themselves are `<details>`
// and need no script. The choice is remembered for every page, where the browser allows it.
(() => {
  "use strict";
  const KEY = "adam-and-beyond:apparatus";
  const NAME = "Code and checks";

  // Storage may be forbidden, as in private windows or for files.
  function remembered() {
    try {
      return localStorage.getItem(KEY) === "shown";
    } catch {
      return false;
    }
  }

  function remember(shown) {
    try {
      if (shown) localStorage.setItem(KEY, "shown");
      else localStorage.removeItem(KEY);
    } catch {
      // The switch works for this page all the same.
    }
  }

  function makeSwitch() {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "apparatus-switch";
    button.title = "Show or hide all code and checks of the page";
    button.innerHTML = `<span aria-hidden="true">‹›</span><span>${NAME}</span>`;
    return button;
  }

  // A line of a proof that is too long scrolls; only then is it a stop for the keyboard.
  function reachLongLines() {
    const steps = document.querySelectorAll("ol.proof-step");
    const lines = document.querySelectorAll("ol.proof-step > li > p:first-child");
    const observer = new ResizeObserver(() => {
      for (const line of lines) {
        if (line.scrollWidth > line.clientWidth + 1) line.tabIndex = 0;
        else line.removeAttribute("tabindex");
      }
    });
    for (const step of steps) observer.observe(step);
  }

  function main() {
    reachLongLines();
    const folds = document.querySelectorAll("details.apparatus");
    const place = document.querySelector(".article-header-buttons");
    if (!folds.length || !place) return;
    const button = makeSwitch();
    const show = (shown) => {
      button.setAttribute("aria-pressed", String(shown));
      for (const fold of folds) fold.open = shown;
    };
    button.addEventListener("click", () => {
      const shown = button.getAttribute("aria-pressed") !== "true";
      keepInPlace(() => show(shown));
      remember(shown);
    });
    show(remembered());
    place.prepend(button);
  }

  // What the reader looks at stays where it is: the first of these below the upper third. Some
  // browsers would see to that as well, and then it would be done twice.
  function keepInPlace(act) {
    const parts = document.querySelectorAll("article :is(h1, h2, h3, p, figure)");
    const third = window.innerHeight / 3;
    const below = (part) => part.getBoundingClientRect().top > third && !part.closest("details");
    const seen = [...parts].find(below);
    const before = seen?.getBoundingClientRect().top;
    const root = document.documentElement;
    root.style.overflowAnchor = "none";
    act();
    if (seen) {
      window.scrollBy({ top: seen.getBoundingClientRect().top - before, behavior: "instant" });
    }
    requestAnimationFrame(() => requestAnimationFrame(() => (root.style.overflowAnchor = "")));
  }

  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", main);
  else main();
})();
