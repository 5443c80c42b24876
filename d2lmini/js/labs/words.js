// How amounts are said; the twin of d2lmini/labs/words.py.

import { format } from "../core/format.js";

/**
 * An amount in the largest of `units` (symbol, size; falling) that it fills, or in the last; below 10 with a decimal.
 * @param {number} value
 * @param {[string, number][]} units
 */
export function scaled(value, units) {
  const [symbol, size] = units.find(([, least]) => value >= least) ?? units[units.length - 1];
  const number = value / size;
  return `${format(number, number >= 10 ? ".0f" : ".1f")} ${symbol}`;
}

/**
 * Seconds as people say them: 38 µs, 1.2 ms, 4.9 s.
 * @param {number} seconds
 */
export function duration(seconds) {
  return scaled(seconds, [["s", 1], ["ms", 1e-3], ["µs", 1e-6]]);
}
