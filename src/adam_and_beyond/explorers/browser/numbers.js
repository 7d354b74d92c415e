// Numbers that a reader types, and the intervals in which Python's traits accept them: {low, high,
// lowClosed, highClosed, whole}, where an end that is null has no limit.

const DECIMAL = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i;
const THOUSANDS = /^[+-]?\d{1,3}(,\d{3})+$/;
const LONGEST = 24; // letters of a refused text that are repeated

// Whether a number lies in an interval; an open end does not.
export function admits({ low, high, lowClosed, highClosed, whole }, number) {
  if (!Number.isFinite(number) || (whole && !Number.isInteger(number))) return false;
  const above = low === null || number > low || (lowClosed && number === low);
  const below = high === null || number < high || (highClosed && number === high);
  return above && below;
}

// What an interval admits, in words.
export function allowedText({ low, high, lowClosed, highClosed, whole }) {
  const ends = [];
  const written = (end) => end.toLocaleString("en-US").replace("-", "−");
  if (low !== null) ends.push(`${lowClosed ? "at least" : "above"} ${written(low)}`);
  if (high !== null) ends.push(`${highClosed ? "at most" : "below"} ${written(high)}`);
  return `${whole ? "a whole number" : "a number"} ${ends.join(" and ")}`.trimEnd();
}

// What was typed, as {value}, or as {refusal}: a sentence that says what is allowed instead. A comma
// stands between thousands of a whole number, and for the decimal point in any other.
export function readNumber(text, label, limits) {
  const typed = text.trim();
  const signed = typed.replace(/−/g, "-");
  const grouped = limits.whole && THOUSANDS.test(signed);
  const plain = signed.replace(/,/g, grouped ? "" : ".");
  const value = DECIMAL.test(plain) ? Number(plain) : NaN;
  if (admits(limits, value)) return { value };
  const said = typed.length > LONGEST ? `${typed.slice(0, LONGEST)}…` : typed;
  const what = typed === "" ? "An empty field" : `“${said}”`;
  return { refusal: `${what} is refused: ${label} must be ${allowedText(limits)}.` };
}
