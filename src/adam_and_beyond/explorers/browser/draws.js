// Draws by chance that Python makes as well.

// Number k of the draws of a seed, evenly between 0 and 1 (Mulberry32).
export function chance(seed, k) {
  const a = (seed + Math.imul(k, 0x6d2b79f5)) | 0;
  let t = Math.imul(a ^ (a >>> 15), 1 | a);
  t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
  return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
}
