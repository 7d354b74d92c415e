// The controls of the two decay rates, alike in every explorer but for their scales.

import { rangeControl } from "./range.js";
import { decayText } from "./text.js";

const rate = (name, label, note) => (scale) => ({
  make: rangeControl,
  name,
  label,
  note,
  scale,
  format: decayText,
});

export const beta1Control = rate("beta1", "β₁", "memory of gradients");
export const beta2Control = rate("beta2", "β₂", "memory of squares");
