// A slider's positions are whole numbers from 0 on; a scale turns them into values and back.

export function linearScale(low, high, step) {
  const places = Math.max(0, Math.ceil(-Math.log10(step)));
  return {
    positions: Math.round((high - low) / step),
    toValue: (p) => +(low + p * step).toFixed(places),
    toPosition: (v) => (v - low) / step,
  };
}

export function logScale(low, high, positions, digits) {
  const span = Math.log(high / low);
  return {
    positions,
    toValue: (p) => +(low * Math.exp((p / positions) * span)).toPrecision(digits),
    toPosition: (v) => (Math.log(v / low) / span) * positions,
  };
}

// For a decay rate: equal ways divide the distance from 1 by equal factors; 0 at the left end.
export function fadeScale(decades, perDecade) {
  return {
    positions: decades * perDecade,
    toValue: (p) => +(1 - +(10 ** (-p / perDecade)).toPrecision(3)).toFixed(12),
    toPosition: (v) => -Math.log10(1 - v) * perDecade,
  };
}

// A scale over given values in increasing order.
export const listScale = (values) => ({
  positions: values.length - 1,
  toValue: (p) => values[p],
  toPosition(v) {
    const above = values.findIndex((value) => value >= v);
    if (above <= 0) return above < 0 ? values.length - 1 : 0;
    return above - (values[above] - v) / (values[above] - values[above - 1]);
  },
});

// Whole numbers, each while they are small, then about 40 for every factor of ten.
export function countScale(low, high) {
  const values = [];
  for (let n = low; n <= high; n = Math.max(n + 1, Math.round(n * 1.06))) values.push(n);
  if (values.at(-1) !== high) values.push(high);
  return listScale(values);
}

// The value at the scale's position nearest to the given one, or some positions further; 0 further
// is the value itself.
export function nearby(scale, value, further) {
  if (further === 0) return value;
  const wanted = Math.round(scale.toPosition(value)) + (further ?? 0);
  return scale.toValue(Math.min(Math.max(wanted, 0), scale.positions));
}
