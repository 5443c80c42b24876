// The airfoil data as arrays, and the rows that the labs train on; the twin of d2lmini/core/rows.py.

/** @import { Data } from "../types" */

export const TRAINING_ROWS = 1500;

let csv = "";
/** @type {Data | undefined} */
let cached;

/**
 * Take the airfoil table from its CSV text, once.
 * @param {string} text
 */
export function useTable(text) {
  csv = text;
  cached = undefined;
}

/** The labs' training rows: standardised on all rows of the table. */
export function table() {
  if (cached) return cached;
  const rows = csv.trim().split("\n").slice(1).map((line) => line.split(",").map(Number));
  const columns = rows[0].map((_, j) => {
    const mean = rows.reduce((sum, row) => sum + row[j], 0) / rows.length;
    const variance = rows.reduce((sum, row) => sum + (row[j] - mean) ** 2, 0) / rows.length;
    return { mean, deviation: Math.sqrt(variance) };
  });
  const standard = rows.map((row) => row.map((value, j) => (value - columns[j].mean) / columns[j].deviation));
  const used = standard.slice(0, TRAINING_ROWS);
  cached = asData(used.map((row) => row.slice(0, -1)), used.map((row) => row[row.length - 1]));
  return cached;
}

/**
 * Features (lists) and targets as the flat data that the engine reads.
 * @param {number[][]} X
 * @param {Iterable<number>} y
 * @returns {Data}
 */
export function asData(X, y) {
  return { A: Float64Array.from(X.flatMap((row) => [...row, 1])), y: Float64Array.from(y), m: X.length, width: X[0].length + 1 };
}
