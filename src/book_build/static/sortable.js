// Tables of a cell with the tag "sortable": their headings sort, and a field above them filters their
// rows. Without a script they are plain tables, and on paper no control is printed.
(() => {
  "use strict";
  const number = (text) => {
    const plain = text
      .trim()
      .replace(/\u2212/g, "-")
      .replace(/,/g, "");
    return /^[-+]?(\d|\.\d)/.test(plain) ? Number.parseFloat(plain) : null;
  };
  const textOf = (row, k) => row.cells[k].textContent.trim();

  // Numbers before words, by size; words by the alphabet; what is empty last, either way round.
  function compare(a, b, sign) {
    if (a === "" || b === "") return (a === "") - (b === "");
    const [x, y] = [number(a), number(b)];
    if (x !== null && y !== null) return sign * (x - y);
    if (x !== null || y !== null) return (x === null) - (y === null);
    return sign * a.localeCompare(b, "en", { sensitivity: "base" });
  }

  function sortBy(table, k) {
    const heading = table.tHead.rows[0].cells[k];
    const upward = heading.getAttribute("aria-sort") !== "ascending";
    for (const other of table.tHead.rows[0].cells) other.removeAttribute("aria-sort");
    heading.setAttribute("aria-sort", upward ? "ascending" : "descending");
    const body = table.tBodies[0];
    const rows = [...body.rows];
    rows.sort((a, b) => compare(textOf(a, k), textOf(b, k), upward ? 1 : -1));
    body.append(...rows);
  }

  function addButtons(table) {
    [...table.tHead.rows[0].cells].forEach((heading, k) => {
      const button = document.createElement("button");
      button.type = "button";
      button.className = "sort-button";
      button.append(...heading.childNodes);
      button.addEventListener("click", () => sortBy(table, k));
      heading.append(button);
    });
  }

  function addFilter(cell, tables) {
    const bar = document.createElement("div");
    bar.className = "sort-bar";
    bar.innerHTML =
      '<label>Filter <input type="search" autocomplete="off" spellcheck="false"></label>' +
      '<label><input type="checkbox"> no D above 0</label><span role="status"></span>';
    const [words, best] = bar.querySelectorAll("input");
    const status = bar.querySelector("span");
    const rows = tables.flatMap((table) => [...table.tBodies[0].rows]);
    // Drift numbers have a sign, other numbers have none.
    const signs = (row) => [...row.cells].map((one) => one.textContent.trim()[0]);

    function filter() {
      const wanted = words.value.toLowerCase().split(/\s+/).filter(Boolean);
      let shown = 0;
      for (const row of rows) {
        const text = row.textContent.toLowerCase();
        const found = signs(row);
        const fits = !best.checked || (!found.includes("+") && /[-\u2212]/.test(found.join("")));
        row.hidden = !(fits && wanted.every((word) => text.includes(word)));
        shown += !row.hidden;
      }
      status.textContent = `${shown} of ${rows.length} shown`;
    }

    words.addEventListener("input", filter);
    best.addEventListener("change", filter);
    cell.querySelector(".cell_output").prepend(bar);
    filter();
  }

  for (const cell of document.querySelectorAll(".cell.tag_sortable")) {
    const tables = [...cell.querySelectorAll(".cell_output table")].filter((t) => t.tHead);
    if (!tables.length) continue;
    tables.forEach(addButtons);
    addFilter(cell, tables);
  }
})();
