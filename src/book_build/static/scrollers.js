// A formula, table or listing that is wider than its column scrolls: then, and only then, the Tab key stops
// there, so that the arrow keys can move it.
(() => {
  "use strict";
  const WIDE = "div.math mjx-container, .pst-scrollable-table-container, .highlight pre";

  function mark() {
    for (const element of document.querySelectorAll(WIDE)) {
      if (element.scrollWidth > element.clientWidth + 1) element.tabIndex = 0;
      else element.removeAttribute("tabindex");
    }
  }

  let waiting;
  function markLater() {
    clearTimeout(waiting);
    waiting = setTimeout(mark, 200);
  }

  addEventListener("load", () => {
    mark();
    window.MathJax?.startup?.promise?.then(mark);
  });
  // Formulas change their width once their letters have come.
  document.fonts.addEventListener("loadingdone", markLater);
  addEventListener("resize", markLater);
})();
