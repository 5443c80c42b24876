// What the labs of training share: runs that are remembered, and how they are drawn; the twin of d2lmini/labs/runs.py.
//
// What a lab computes is a pure function of its settings, a generator of results {traces: {meta: changes}, layout: changes,
// say: [[sentence, values], …]}. The first result is drawn at once, later ones when the sliders have come to rest; undefined only
// gives the page time to breathe. A result that was handed over never changes.
//
// Where the name of a helper in Python, such as _run, is that of a variable, it is runOf here.

import { DIVERGED, minibatchSgd, quadratic } from "../core/engine.js";
import { table } from "../core/rows.js";
import { remembered } from "../core/steps.js";
import { bestPossible } from "../core/theory.js";

/** @import { Cost, Line, Run, Say, Work } from "../types" */

const CEILING = 4; // times the first loss: what lies above is drawn at the edge, and a sentence says so
export const TARGET = 0.25; // the half loss that methods race to
export const BAND_SEEDS = 30;
const FEW_POINTS = 10;
const POINTS = 20; // recorded per epoch
// How an axis that does not, or does, hold seconds writes its ticks: 20ms, 50µs.
const SECONDS = [
  { ticksuffix: "", exponentformat: "B", minexponent: 3 },
  { ticksuffix: "s", exponentformat: "SI", minexponent: 2 },
];

/** @type {Map<string, Run>} */
const known = new Map();

/**
 * A training run on the table repeated to `rows` rows, remembered: yields as the engine does, returns the run.
 * @param {number} rows
 * @param {number} size
 * @param {number} lr
 * @param {number} seed
 * @param {number} epochs
 * @returns {Work<Run, Run>}
 */
export function runs(rows, size, lr, seed, epochs, points = POINTS) {
  const data = table();
  const settings = { batch_size: size, lr, seed, epochs, copies: rows / data.m, points_per_epoch: points, early: true };
  return remembered(known, [rows, size, lr, seed, epochs, points].join(), minibatchSgd(data, settings));
}

/**
 * Whether `runs` would answer at once.
 * @param {number} rows
 * @param {number} size
 * @param {number} lr
 * @param {number} seed
 * @param {number} epochs
 */
export function isKnown(rows, size, lr, seed, epochs) {
  return known.has([rows, size, lr, seed, epochs, POINTS].join());
}

/** @type {number | undefined} */
let edgeOfAll;

/** The half loss at which curves are cut off. */
export function ceiling() {
  return (edgeOfAll ??= CEILING * quadratic(table()).s); // the loss at zero weights is its constant
}

/**
 * How many per cent a half loss lies above the best possible.
 * @param {number} loss
 */
export function above(loss) {
  return 100 * (loss / bestPossible().loss - 1);
}

/**
 * The sentence about curves that leave the picture, if one does.
 * @param {Run[]} some
 * @param {number} edge
 * @returns {Say}
 */
export function clipped(some, edge) {
  const leaves = some.some(({ diverged_at, loss }) => diverged_at !== null || Math.max(...loss) > edge);
  return leaves ? [["clipped", { ceiling: edge }]] : [];
}

/**
 * The recorded points, and the divergence if there was one, on the axis; `sizes` is the batch size, or one for each epoch, and the
 * cost that of an update and of a shuffle.
 * @param {Run} run
 * @param {number | number[]} sizes
 * @param {string} axis
 * @param {Cost} cost
 */
export function where(run, sizes, axis, [update, shuffle] = [0, 0]) {
  const examples = [...run.examples];
  const updates = [...run.updates];
  if (run.diverged_at !== null) {
    examples.push(seen(run.n, sizes, run.diverged_at));
    updates.push(run.diverged_at);
  }
  if (axis === "epochs") return examples.map((e) => e / run.n);
  if (axis === "examples") return examples;
  if (axis === "updates") return updates;
  return examples.map((e, i) => updates[i] * update + Math.ceil(e / run.n) * shuffle); // an epoch begins with its shuffle
}

/**
 * The examples seen after so many updates.
 * @param {number} n
 * @param {number | number[]} sizes
 * @param {number} update
 */
function seen(n, sizes, update) {
  if (typeof sizes === "number") {
    const perEpoch = Math.ceil(n / sizes);
    return Math.floor(update / perEpoch) * n + Math.min((update % perEpoch) * sizes, n);
  }
  let left = update;
  for (const [epoch, size] of sizes.entries()) {
    const steps = Math.ceil(n / size);
    if (left <= steps) return epoch * n + Math.min(left * size, n);
    left -= steps;
  }
  return sizes.length * n;
}

/**
 * How an axis writes its ticks.
 * @param {string} axis
 */
export function ticks(axis) {
  return SECONDS[Number(axis === "seconds")];
}

/**
 * What a trace shows that shows nothing.
 * @returns {Line}
 */
export function none() {
  return { x: [], y: [] };
}

/**
 * A horizontal line.
 * @param {number} at
 * @param {number} left
 * @param {number} right
 * @returns {Line}
 */
export function level(at, left, right) {
  return { x: [left, right], y: [at, at] };
}

/**
 * How a loss is drawn that must not lie above the edge.
 * @param {number} edge
 */
export function below(edge) {
  return (/** @type {number} */ loss) => Math.min(loss, edge);
}

/**
 * What a trace shows of a run: its points, one that diverged going up as high as it may; markers too, if they are few.
 * @param {Run} run
 * @param {number[]} xs
 * @param {(loss: number) => number} shown
 */
export function curve(run, xs, shown, logx = false) {
  const loss = run.diverged_at === null ? run.loss : [...run.loss, DIVERGED];
  const { x, y } = none();
  loss.forEach((value, i) => {
    if (xs[i] === 0 && logx) return;
    x.push(xs[i]);
    y.push(shown(value));
  });
  return { x, y, mode: x.length < FEW_POINTS ? "lines+markers" : "lines" };
}

/**
 * "low" and "high" of several runs, over the points of the longest; one that diverged counts as endlessly high.
 * @param {Run[]} many
 * @param {(run: Run) => number[]} place
 * @param {(loss: number) => number} shown
 * @returns {Record<string, Line>}
 */
export function band(many, place, shown) {
  const x = many.map(place).reduce((longest, one) => (one.length > longest.length ? one : longest));
  const ends = (/** @type {(...losses: number[]) => number} */ pick) =>
    x.map((_, i) => pick(...many.map(({ loss }) => shown(i < loss.length ? loss[i] : DIVERGED))));
  return { low: { x: [...x], y: ends(Math.min) }, high: { x: [...x], y: ends(Math.max) } };
}

/**
 * The last of a list that is not empty.
 * @template Item
 * @param {Item[]} list
 */
export function last(list) {
  return list[list.length - 1];
}
