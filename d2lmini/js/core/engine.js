// Minibatch SGD on linear regression in numbers only: no page, no chart. d2lmini/core/engine.py is this file in
// Python, and tests hold the two to 1e-9 of each other. Both are generators: they yield the run so far every
// few milliseconds, so that the page can draw it, breathe, or drop it for a newer setting.

/** @import { Data, Quadratic, Run, Schedule, Work } from "../types" */

const BLOCK = 32_768; // examples between two yields
export const DIVERGED = 1e6; // a half loss above this ends a run; standardised data starts near 0.5
const MOST_POINTS = 2000;
const FIELD = 2 ** 21; // a draw and a row share one float64: 32 + 21 bits

/**
 * H, c and s of the half squared loss ½ θᵀHθ − cᵀθ + s: one pass over the rows serves every later evaluation.
 * @param {Data} data
 * @returns {Quadratic}
 */
export function quadratic({ A, y, m, width }) {
  const H = new Float64Array(width * width);
  const c = new Float64Array(width);
  let s = 0;
  for (let i = 0; i < m; i++) {
    for (let j = 0; j < width; j++) {
      const a = A[i * width + j];
      c[j] += a * y[i];
      for (let k = 0; k < width; k++) H[j * width + k] += a * A[i * width + k];
    }
    s += y[i] * y[i];
  }
  return { H: H.map((value) => value / m), c: c.map((value) => value / m), s: s / m / 2 };
}

/**
 * The half squared loss of theta over the rows that `quadratic` was made from.
 * @param {Quadratic} quadratic
 * @param {ArrayLike<number>} theta
 */
export function halfLoss({ H, c, s }, theta) {
  const width = theta.length;
  let loss = 0;
  for (let j = 0; j < width; j++) {
    let row = 0;
    for (let k = 0; k < width; k++) row += H[j * width + k] * theta[k];
    loss += (row / 2 - c[j]) * theta[j];
  }
  return loss + s;
}

/**
 * The first of the losses that is at most the target; undefined if there is none.
 * @param {number[]} losses
 * @param {number} target
 */
export function reached(losses, target) {
  const first = losses.findIndex((loss) => loss <= target);
  return first < 0 ? undefined : first;
}

/**
 * Draw number `index` of mulberry32 (Tommy Ettinger, public domain): an unsigned 32-bit whole number.
 * @param {number} seed
 * @param {number} index
 */
export function mulberry32(seed, index) {
  const state = (seed + Math.imul(index + 1, 0x6d2b79f5)) | 0;
  let t = Math.imul(state ^ (state >>> 15), state | 1);
  t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
  return (t ^ (t >>> 14)) >>> 0;
}

/**
 * The shuffle: which row each of the n examples of an epoch is, in blocks: the rows sorted by (draw, row); with replacement,
 * row = ⌊u·n⌋. A large epoch is first dealt into buckets by the draws' high bits, so that no sort takes long;
 * `undefined` is yielded where there is only time to breathe.
 * @param {number} n
 * @param {number} seed
 * @param {number} epoch
 * @returns {Generator<Int32Array | undefined, void, void>}
 */
export function* epochOrder(n, seed, epoch, replacement = false) {
  if (n > FIELD) throw new RangeError(`n must be at most ${FIELD}, not ${n}`);
  const first = epoch * n;
  if (replacement) {
    for (let start = 0; start < n; start += BLOCK) {
      const rows = new Int32Array(Math.min(BLOCK, n - start));
      for (let i = 0; i < rows.length; i++) rows[i] = Math.floor((mulberry32(seed, first + start + i) * n) / 2 ** 32);
      yield rows;
    }
    return;
  }
  const bits = Math.max(0, Math.ceil(Math.log2(n / BLOCK)));
  const ends = new Int32Array(2 ** bits + 1); // of each bucket; the shift by 32 - bits must not be one by 32
  const bucket = (/** @type {number} */ random) => (bits ? random >>> (32 - bits) : 0);
  for (let i = 0; i < n; i++) {
    ends[bucket(mulberry32(seed, first + i)) + 1]++;
    if (i % (8 * BLOCK) === 8 * BLOCK - 1) yield undefined;
  }
  for (let k = 1; k < ends.length; k++) ends[k] += ends[k - 1];
  const next = ends.slice(0, -1);
  const keys = new Float64Array(n);
  for (let i = 0; i < n; i++) {
    const random = mulberry32(seed, first + i);
    keys[next[bucket(random)]++] = random * FIELD + i;
    if (i % (8 * BLOCK) === 8 * BLOCK - 1) yield undefined;
  }
  for (let k = 1; k < ends.length; k++) {
    const sorted = keys.subarray(ends[k - 1], ends[k]).sort();
    const rows = new Int32Array(sorted.length);
    for (let i = 0; i < rows.length; i++) rows[i] = sorted[i] % FIELD;
    yield rows;
  }
}

/**
 * The function that tells, of the examples seen so far, at how many of them the next point is recorded: at multiples of s·n/k, and
 * at the end; at most MOST_POINTS in all.
 * @param {number} n
 * @param {number} epochs
 * @param {number} pointsPerEpoch
 */
export function marks(n, epochs, pointsPerEpoch) {
  const k = Math.max(1, Math.min(pointsPerEpoch, Math.floor(MOST_POINTS / (epochs + 1))));
  const s = k === 1 ? Math.ceil(epochs / (MOST_POINTS - 2)) : 1;
  return (/** @type {number} */ examples) =>
    Math.min(Math.ceil(((Math.floor((examples * k) / (n * s)) + 1) * n * s) / k), epochs * n);
}

/** Writes a run down: counts, weights and their loss at each mark. */
class Record {
  /**
   * @param {Run} run
   * @param {Quadratic} lossOf
   * @param {(examples: number) => number} nextPoint
   * @param {boolean} early
   */
  constructor(run, lossOf, nextPoint, early) {
    this.run = run;
    this.lossOf = lossOf;
    this.nextPoint = nextPoint;
    this.early = early;
    this.due = 0; // at so many examples, or at so many updates, the next point is
    this.earlyDue = 0;
  }

  /**
   * A point; false if the run ends before it.
   * @param {number} examples
   * @param {number} updates
   * @param {Float64Array} theta
   */
  add(examples, updates, theta) {
    const loss = halfLoss(this.lossOf, theta);
    if (!(loss <= DIVERGED)) {
      this.run.diverged_at = updates;
      return false;
    }
    this.run.examples.push(examples);
    this.run.updates.push(updates);
    this.run.loss.push(loss);
    this.run.theta.push([...theta]);
    this.due = this.nextPoint(examples);
    this.earlyDue = this.early ? updates + Math.max(1, Math.floor(updates / 12)) : Infinity;
    return true;
  }
}

/**
 * Minibatch gradient descent on the half squared loss, from `init` or from zero; see d2lmini.core.engine. `batch_size` is a number
 * or a list of one for each epoch, `schedule(t, epoch)` a factor on the rate of update t.
 * @param {Data} data
 * @param {{ batch_size: number | number[], lr: number, epochs?: number, seed?: number, schedule?: Schedule, copies?: number,
 *   replacement?: boolean, init?: ArrayLike<number>, points_per_epoch?: number, early?: boolean }} options
 * @returns {Work<Run, Run>}
 */
export function* minibatchSgd(data, options) {
  const { batch_size, lr, epochs = 2, seed = 0, schedule, copies = 1 } = options;
  const { replacement = false, init, points_per_epoch = 20, early = false } = options;
  const { A, y, m, width } = data;
  const n = m * copies;
  const theta = init ? Float64Array.from(init) : new Float64Array(width);
  const gradient = new Float64Array(width);
  /** @type {Run} */
  const run = { n, examples: [], updates: [], loss: [], theta: [], diverged_at: null };
  const record = new Record(run, quadratic(data), marks(n, epochs, points_per_epoch), early);
  let examples = 0;
  let updates = 0;
  let epoch = 0;

  const add = (/** @type {number} */ row) => {
    const at = row * width;
    let error = -y[row];
    for (let j = 0; j < width; j++) error += A[at + j] * theta[j];
    for (let j = 0; j < width; j++) gradient[j] += error * A[at + j];
  };
  /** An update; false if the run ends with it. */
  const step = (/** @type {number} */ rows, /** @type {number} */ size) => {
    const rate = (schedule ? lr * schedule(updates + 1, epoch) : lr) / rows;
    for (let j = 0; j < width; j++) theta[j] -= rate * gradient[j];
    gradient.fill(0);
    updates += 1;
    examples += size;
    return (examples < record.due && updates < record.earlyDue) || record.add(examples, updates, theta);
  };

  if (!record.add(examples, updates, theta)) return run;
  for (; epoch < epochs; epoch++) {
    const wanted = Array.isArray(batch_size) ? batch_size[epoch] : batch_size;
    if (wanted === n && !replacement) {
      // A batch of all rows has one gradient whatever their order, and copies of the table do not change its mean.
      for (let row = 0; row < m; row++) add(row);
      if (!step(m, n)) return run;
      yield run;
      continue;
    }
    let left = n; // examples of this epoch not yet seen
    let size = Math.min(wanted, left);
    let filled = 0;
    for (const rows of epochOrder(n, seed, epoch, replacement)) {
      if (rows) {
        for (let i = 0; i < rows.length; i++) {
          add(copies === 1 ? rows[i] : rows[i] % m);
          if (++filled < size) continue;
          if (!step(size, size)) return run;
          left -= size;
          size = Math.min(wanted, left); // the last batch may be short
          filled = 0;
        }
      }
      yield run;
    }
  }
  return run;
}
