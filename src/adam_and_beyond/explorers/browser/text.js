// Numbers and names as people read them.

const escapeText = (text) =>
  String(text)
    .replace(/&/g, "&amp;")
    .replace(/</g, "&lt;")
    .replace(/>/g, "&gt;")
    .replace(/"/g, "&quot;");

const minus = (text) => String(text).replace(/-/g, "−");

// Three decimals, or three digits for small numbers.
function plain(value) {
  if (value === 0) return "0";
  const size = Math.abs(value);
  if (size >= 1e5 || size < 1e-4) return minus(value.toExponential(2));
  return minus(size < 0.1 ? value.toPrecision(3) : value.toFixed(size >= 1000 ? 0 : 3));
}

const counted = (n) => Math.round(n).toLocaleString("en-US");

// 200k, 1M: for axes.
function short(n) {
  if (n >= 1e6) return `${+(n / 1e6).toPrecision(3)}M`;
  return n >= 1e3 ? `${+(n / 1e3).toPrecision(3)}k` : `${+n.toPrecision(3)}`;
}

// A decay rate needs digits of its distance from 1, 0.999516, or from 0, 0.00379.
function decayText(value, digits = 3) {
  if (value < 0.1) return significant(value, digits);
  const places = Math.max(digits, Math.ceil(-Math.log10(Math.max(1 - value, 1e-12))) + digits - 1);
  return String(+value.toFixed(Math.min(places, 12)));
}

const significant = (value, digits = 3) => String(+value.toPrecision(digits));

// A label in rows of about 16 letters.
function inRows(text, most = 16) {
  const rows = [""];
  for (const word of text.split(" ")) {
    const longer = rows.at(-1) ? `${rows.at(-1)} ${word}` : word;
    if (longer.length > most && rows.at(-1)) rows.push(word);
    else rows[rows.length - 1] = longer;
  }
  return rows.join("\n");
}
