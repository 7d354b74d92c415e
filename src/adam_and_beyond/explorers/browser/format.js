// Numbers as people read them.

const plain = (digits) => (value) => value.toFixed(digits).replace("-", "−");
const significant = (digits) => (value) => String(Number(value.toPrecision(digits))).replace("-", "−");
const whole = (value) => value.toLocaleString("en");
// As many digits of a decay as it takes to see how far it is from 1.
function decayText(value) {
  const digits = Math.min(7, Math.max(3, 1 - Math.floor(Math.log10(1 - value))));
  return value.toFixed(digits);
}
