// Colours of the book's palette, changed just enough to stay readable on a dark ground.

import { METHODS } from "./generated/methods.js";

const DARK_GROUND = "#262b33"; // the lightest dark ground that a host is likely to have

const channels = (hex) => [1, 3, 5].map((k) => parseInt(hex.slice(k, k + 2), 16));

function luminance(rgb) {
  const [r, g, b] = rgb.map((c) => (c <= 10.3 ? c / 3294.6 : ((c / 255 + 0.055) / 1.055) ** 2.4));
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

function contrast(one, other) {
  const [low, high] = [luminance(one), luminance(other)].sort((a, b) => a - b);
  return (high + 0.05) / (low + 0.05);
}

// Mix a colour with white or black until it stands out against the ground.
function readable(hex, ground, towards, least) {
  const from = channels(hex);
  const against = channels(ground);
  for (let share = 0; share <= 1; share += 0.02) {
    const mixed = from.map((c) => Math.round(c + (towards - c) * share));
    if (contrast(mixed, against) >= least) return `rgb(${mixed.join(" ")})`;
  }
  return towards ? "#fff" : "#000";
}

// CSS variables of a style {colour, dash, width}: the line as in the book's table, its text a
// little darker where needed, and one variant for the dark.
function variables({ colour, dash, width }) {
  const dashes = dash.map((d) => (d * width).toFixed(1)).join(" ") || "none";
  return (
    `--hue:${colour};--hue-text:${readable(colour, "#ffffff", 0, 4.6)};` +
    `--hue-dark:${readable(colour, DARK_GROUND, 255, 4.6)};--dash:${dashes};--width:${width}`
  );
}

// method -> the CSS variables that draw its lines and names.
export const LINE_STYLES = Object.fromEntries(
  Object.entries(METHODS).map(([method, style]) => [method, variables(style)]),
);

// A piece of a method's line, for a text.
export const swatch = (method) =>
  '<svg class="aab-swatch" width="26" height="8" aria-hidden="true">' +
  `<path class="aab-line aab-hue" style="${LINE_STYLES[method]}" d="M0,4H26"/></svg>`;
