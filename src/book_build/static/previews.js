// Links to theorems, equations and citations show what they lead to, in a card, when the mouse
// rests on them or the keyboard reaches them. The text is the site's own, of this page or of
// another one. Where that can't be read, as from file://, the link stays a link.
(() => {
  "use strict";
  const LINKS = "article a.reference.internal[href*='#']";
  const TARGETS = ".proof, div.math[id^='equation-'], .citation";
  const CARD = ".preview-card";
  const WAIT = 200; // ms before a card opens or closes: a passing mouse wants none
  const GAP = 8; // px between link and card
  const pages = new Map();

  // The document that an address leads to; null where it can't be read.
  function pageOf(url) {
    if (url.origin !== location.origin) return null;
    if (url.pathname === location.pathname) return document;
    if (!pages.has(url.pathname)) {
      const read = fetch(url.pathname)
        .then((answer) => (answer.ok ? answer.text() : Promise.reject(answer.status)))
        .then((text) => new DOMParser().parseFromString(text, "text/html"))
        .catch(() => null);
      pages.set(url.pathname, read);
    }
    return pages.get(url.pathname);
  }

  async function targetOf(link) {
    const url = new URL(link.href);
    if (url.protocol === "file:" && url.pathname !== location.pathname) return null;
    const page = await pageOf(url);
    const target = page?.getElementById(decodeURIComponent(url.hash.slice(1)));
    return target?.matches(TARGETS) ? target : null;
  }

  // A copy to look at: no names that the page has already, nothing to press.
  function copyOf(target) {
    const copy = document.importNode(target, true);
    for (const element of [copy, ...copy.querySelectorAll("[id], [tabindex]")]) {
      element.removeAttribute("id");
      element.removeAttribute("tabindex");
    }
    for (const element of copy.querySelectorAll(".headerlink, .backrefs, script, button")) {
      element.remove();
    }
    for (const link of copy.querySelectorAll("a")) link.replaceWith(...link.childNodes);
    return copy;
  }

  function place(card, link) {
    const at = link.getClientRects()[0] ?? link.getBoundingClientRect();
    const { offsetWidth: width, offsetHeight: height } = card;
    const below = at.bottom + GAP + height <= window.innerHeight || at.top < height + GAP;
    const left = Math.min(
      Math.max(at.left - 16, GAP),
      document.documentElement.clientWidth - width - GAP,
    );
    card.style.left = `${Math.max(left, GAP)}px`;
    card.style.top = `${below ? at.bottom + GAP : at.top - height - GAP}px`;
  }

  let open = null; // { link, card } while a card stands
  let wanted = null; // the link whose card is on its way
  let timer = 0;

  function close() {
    clearTimeout(timer);
    wanted = null;
    if (!open) return;
    open.link.removeAttribute("aria-describedby");
    open.card.remove();
    open = null;
  }

  async function show(link) {
    if (open?.link === link) return;
    close();
    wanted = link;
    const target = await targetOf(link);
    if (!target || wanted !== link) return;
    const card = document.createElement("div");
    card.className = "preview-card";
    card.id = "preview-card";
    card.setAttribute("role", "tooltip");
    card.append(copyOf(target));
    document.body.append(card);
    link.removeAttribute("title"); // the browser's own card would lie over it
    link.setAttribute("aria-describedby", card.id);
    open = { link, card };
    place(card, link);
    // What comes from another page has its formulas as text still.
    if (target.ownerDocument !== document || !card.querySelector("mjx-container")) {
      await window.MathJax?.typesetPromise?.([card]);
      if (open?.card === card) place(card, link);
    }
  }

  const later = (act) => {
    clearTimeout(timer);
    timer = setTimeout(act, WAIT);
  };

  function onOver({ pointerType, target }) {
    if (pointerType === "touch") return;
    const link = target.closest?.(LINKS);
    if (link) later(() => show(link));
    else if (target.closest?.(CARD)) clearTimeout(timer);
    else if (open || timer) later(closeUnlessFocused);
  }

  function closeUnlessFocused() {
    if (!open?.link.matches(":focus-visible")) close();
  }

  // The card goes along with its link, and away with it.
  function follow() {
    if (!open) return;
    place(open.card, open.link);
    const { top, bottom } = open.link.getBoundingClientRect();
    if (bottom < 0 || top > window.innerHeight) closeUnlessFocused();
  }

  function onFocus({ target }) {
    const link = target.closest?.(LINKS);
    if (link?.matches(":focus-visible")) show(link);
  }

  document.addEventListener("pointerover", onOver);
  document.addEventListener("focusin", onFocus);
  document.addEventListener("focusout", close);
  document.addEventListener("keydown", ({ key }) => key === "Escape" && close());
  document.addEventListener("pointerdown", ({ target }) => target.closest(CARD) || close());
  window.addEventListener("scroll", follow, { passive: true });
})();
