// Numbers and names as people read them.

export const escapeText = (text) =>
  String(text)
    .replace(/&/g, "&amp;")
    .replace(/</g, "&lt;")
    .replace(/>/g, "&gt;")
    .replace(/"/g, "&quot;");

export const minus = (text) => String(text).replace(/-/g, "−");

export const signed = (value) => minus(value > 0 ? `+${value}` : value);

// Three decimals, or three digits for small numbers.
export function plain(value) {
  if (value === 0) return "0";
  const size = Math.abs(value);
  if (size >= 1e5 || size < 1e-4) return minus(value.toExponential(2));
  return minus(size < 0.1 ? value.toPrecision(3) : value.toFixed(size >= 1000 ? 0 : 3));
}

export const counted = (n) => Math.round(n).toLocaleString("en-US");

// 200k, 1M: for axes.
export function short(n) {
  if (n >= 1e6) return `${+(n / 1e6).toPrecision(3)}M`;
  return n >= 1e3 ? `${+(n / 1e3).toPrecision(3)}k` : `${+n.toPrecision(3)}`;
}

// A decay rate needs digits of its distance from 1, 0.999516, or from 0, 0.00379.
export function decayText(value, digits = 3) {
  if (value < 0.1) return significant(value, digits);
  // A number below 1 is at least 1e-16 below it, and never reads as 1.
  const places = Math.max(digits, Math.ceil(-Math.log10(1 - value)) + digits - 1);
  return String(+value.toFixed(places));
}

export const significant = (value, digits = 3) => String(+value.toPrecision(digits));
