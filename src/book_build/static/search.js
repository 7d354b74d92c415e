// What stands below a result: whole words of the page's text, with formulas as a reader writes them.
(() => {
  "use strict";
  const LETTERS = [..."αβγδεζηθκλμνπρστφψω"];
  const NAMES = "alpha beta gamma delta epsilon zeta eta theta kappa lambda mu nu pi rho sigma tau";
  const SIGNS = new Map(
    `${NAMES} phi psi omega`.split(" ").map((name, place) => [name, LETTERS[place]]),
  );
  const OTHERS = { infty: "∞", le: "≤", ge: "≥", to: "→", cdot: "·", sqrt: "√", sum: "Σ", in: "∈" };
  for (const [name, sign] of Object.entries(OTHERS)) SIGNS.set(name, sign);
  const LEFT_OUT = "script, style, details, table, pre, .headerlink, .explorer, .math.block";
  const AROUND = 110;

  const readable = (tex) =>
    tex
      .replace(/\\[()[\]]/g, "")
      .replace(/\\([a-zA-Z]+)/g, (_, name) => SIGNS.get(name) ?? " ")
      .replace(/_\{?([0-9])\}?/g, (_, digit) => String.fromCodePoint(0x2080 + Number(digit)))
      .replace(/\\.|[{}$]/g, "");

  function text(html, anchor) {
    const page = new DOMParser().parseFromString(html, "text/html");
    for (const part of page.querySelectorAll(LEFT_OUT)) part.remove();
    for (const formula of page.querySelectorAll(".math")) {
      formula.textContent = readable(formula.textContent);
    }
    const article = page.querySelector("article") ?? page.querySelector('[role="main"]');
    const place = anchor ? page.getElementById(anchor.slice(1)) : null;
    return (place ?? article)?.textContent.replace(/\s+/g, " ").trim() ?? "";
  }

  // The word that was asked for, as the index folds it; without it the beginning of the page.
  function start(words, asked) {
    const folded = words.map((word) => splitQuery(word).join(" "));
    const found = folded.findIndex((word) => asked.some((one) => word.includes(one)));
    return Math.max(found, 0);
  }

  function around(words, middle) {
    let first = middle;
    let last = middle;
    let [before, after] = [0, 0];
    while (first > 0 && before < AROUND) before += words[--first].length + 1;
    while (last < words.length && after < AROUND) after += words[last++].length + 1;
    const [left, right] = [first > 0 ? "… " : "", last < words.length ? " …" : ""];
    return left + words.slice(first, last).join(" ") + right;
  }

  Search.makeSearchSummary = (html, keywords, anchor) => {
    const words = text(html, anchor).split(" ").filter(Boolean);
    if (!words.length) return null;
    const summary = document.createElement("p");
    summary.className = "context";
    summary.textContent = around(words, start(words, [...keywords]));
    return summary;
  };
})();
