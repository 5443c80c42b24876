// The map of batch size and learning rate, coloured by the loss that a run ends with; the twin of d2lmini/labs/map.py.

import { minibatchSgd } from "../core/engine.js";
import { TRAINING_ROWS, table } from "../core/rows.js";
import { breathing, remembered } from "../core/steps.js";
import { above, last, none, runs } from "./runs.js";

/** @import { Result, Results, Trace, Work } from "../types" */

const LEVELS = [1, 2, 5, 10, 20, 50]; // per cent above the best possible
const MOST_COLUMNS = 200;

/**
 * The final loss of a run for each of `sizes` × `rates`, and the run at (batch, lr) in it; see d2lmini.labs.map.
 * @param {{ batch: number, lr: number, seed: number, sizes: number[], rates: number[], epochs?: number }} settings
 * @returns {Results}
 */
export function* compute({ batch, lr, seed, sizes, rates, epochs = 2 }) {
  const chosen = yield* breathing(runs(TRAINING_ROWS, batch, lr, seed, epochs, 1));
  /** @type {Result["say"]} */
  let say = [["cell_diverged", { batch, lr }]];
  if (chosen.diverged_at === null) {
    const loss = last(chosen.loss);
    say = [["cell", { batch, lr, loss, above: above(loss) }]];
  }
  const [across, up] = [edges(sizes), edges(rates)];
  /** @type {Record<string, Trace>} */
  const areas = Object.fromEntries([...LEVELS, 2 * last(LEVELS), null].map((bound) => [level(bound), none()]));
  const cells = { x: /** @type {number[]} */ ([]), y: /** @type {number[]} */ ([]), customdata: /** @type {(number | null)[]} */ ([]) };
  /** @type {Result} */
  const result = { traces: { ...areas, cells, chosen: { x: [batch], y: [lr] } }, layout: {}, say };
  for (const [i, size] of sizes.entries()) {
    const key = [seed, size, epochs, rates].join();
    const isNew = !columns.has(key);
    const losses = yield* remembered(columns, key, column(seed, size, epochs, rates), MOST_COLUMNS);
    for (const [j, rate] of rates.entries()) {
      const loss = losses[j];
      const area = areas[level(loss === null ? null : above(loss))];
      const [left, right, low, high] = [across[i], across[i + 1], up[j], up[j + 1]];
      area.x.push(left, right, right, left, left, null);
      area.y.push(low, low, high, high, low, null);
      cells.x.push(size);
      cells.y.push(rate);
      cells.customdata.push(loss);
    }
    if (isNew) yield structuredClone(result); // what was handed over does not grow
  }
  yield result;
}

/** @type {Map<string, (number | null)[]>} */
const columns = new Map();

/**
 * The final losses of one batch size, null where training diverged.
 * @param {number} seed
 * @param {number} size
 * @param {number} epochs
 * @param {number[]} rates
 * @returns {Work<(number | null)[], undefined>}
 */
function* column(seed, size, epochs, rates) {
  const losses = [];
  for (const lr of rates) {
    const run = yield* breathing(minibatchSgd(table(), { batch_size: size, lr, seed, epochs, points_per_epoch: 1 }));
    losses.push(run.diverged_at === null ? last(run.loss) : null);
    yield undefined;
  }
  return losses;
}

/**
 * Boundaries half-way between neighbours on a log axis, and as far beyond the first and the last.
 * @param {number[]} centres
 */
function edges(centres) {
  const inner = centres.slice(1).map((centre, i) => Math.sqrt(centres[i] * centre));
  return [centres[0] ** 2 / inner[0], ...inner, last(centres) ** 2 / last(inner)];
}

/**
 * The area of a loss so many per cent above the best possible.
 * @param {number | null} percent
 */
function level(percent) {
  if (percent === null) return "diverged";
  const i = LEVELS.findIndex((bound) => percent <= bound);
  return `level${i < 0 ? LEVELS.length : i}`;
}
