// Ticks on a slider and, below it, a button for each special value.

import { element, growing, keepKeys } from "./dom.js";
import { spreadLabels } from "./svg.js";

// `slide` gets the ticks, `row` the buttons; a mark is {value, share, text, hint}, and `choose` is
// given the value of a button that was pressed.
export function markRow(slide, row, choose) {
  let marks = [];
  const grow = growing(row);
  const ticks = [];
  const buttons = [];
  const add = () => {
    const tick = element('<span class="aab-mark-tick" aria-hidden="true"></span>');
    const button = element('<button type="button" class="aab-mark"></button>');
    const k = buttons.length;
    keepKeys(button);
    button.addEventListener("click", () => choose(marks[k].value));
    slide.append(tick);
    row.append(button);
    ticks.push(tick);
    buttons.push(button);
  };
  // Buttons stand under their ticks, moved apart where they would overlap; else they flow.
  const layout = () => {
    const width = row.clientWidth;
    const visible = buttons.slice(0, marks.length);
    const widths = visible.map((button) => button.offsetWidth + 4);
    const fits = width > 0 && widths.reduce((a, b) => a + b, 0) <= width;
    row.classList.toggle("aab-flow", !fits);
    if (width > 0) grow();
    if (!fits) return;
    const inset = 8; // half a thumb
    const wanted = marks.map((mark) => inset + mark.share * (width - 2 * inset));
    const centres = spreadLabels(wanted, widths, 0, width);
    visible.forEach((button, k) => {
      button.style.left = `${(centres[k] - widths[k] / 2 + 2).toFixed(1)}px`;
    });
  };
  return {
    layout,
    refresh(next) {
      marks = next;
      while (buttons.length < marks.length) add();
      buttons.forEach((button, k) => {
        button.hidden = ticks[k].hidden = k >= marks.length;
        if (button.hidden) return;
        const { share, text, hint } = marks[k];
        if (button.textContent !== text) button.textContent = text;
        button.title = hint;
        button.setAttribute("aria-label", hint);
        ticks[k].style.setProperty("--share", share.toFixed(5));
      });
      row.hidden = buttons.length === 0; // a row that had marks keeps its place
      layout();
    },
  };
}
