// Minibatch SGD on linear regression in numbers only: no page, no chart. d2lmini/engine.py is this file in
// Python, and tests hold the two to 1e-9 of each other. Both are generators: they yield the run so far every
// few milliseconds, so that the page can draw it, breathe, or drop it for a newer setting.

const BLOCK = 32_768; // examples between two yields
const DIVERGED = 1e6; // a half loss above this ends a run; standardised data starts near 0.5
const MOST_POINTS = 2000;
const TRAINING_ROWS = 1500;
const FIELD = 2 ** 21; // a draw and a row share one float64: 32 + 21 bits

let csv;
let cached;

/** Take the airfoil table from its CSV text, once. */
export function useTable(text) {
  csv = text;
  cached = undefined;
}

/** The labs' training rows: {A, y, m, width}, standardised on all rows of the table; A is flat, its last column ones. */
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
  cached = asData(used.map((row) => row.slice(0, -1)), used.map((row) => row.at(-1)));
  return cached;
}

/** Features (lists) and targets as the flat data that `sgd` reads. */
export function asData(X, y) {
  return { A: Float64Array.from(X.flatMap((row) => [...row, 1])), y: Float64Array.from(y), m: y.length, width: X[0].length + 1 };
}

/** H (flat), c and s of the half squared loss ½ θᵀHθ − cᵀθ + s: one pass over the rows serves every later evaluation. */
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

/** The half squared loss of theta over the rows that `quadratic` was made from. */
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

/** Draw number `index` of mulberry32 (Tommy Ettinger, public domain): an unsigned 32-bit whole number. */
export function draw(seed, index) {
  const state = (seed + Math.imul(index + 1, 0x6d2b79f5)) | 0;
  let t = Math.imul(state ^ (state >>> 15), state | 1);
  t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
  return (t ^ (t >>> 14)) >>> 0;
}

/**
 * Which row each of the n examples of an epoch is, in blocks: the rows sorted by (draw, row); with replacement,
 * row = ⌊u·n⌋. A large epoch is first dealt into buckets by the draws' high bits, so that no sort takes long;
 * `undefined` is yielded where there is only time to breathe.
 */
export function* epochOrder(n, seed, epoch, replacement = false) {
  if (n > FIELD) throw new RangeError(`n must be at most ${FIELD}, not ${n}`);
  const first = epoch * n;
  if (replacement) {
    for (let start = 0; start < n; start += BLOCK) {
      const rows = new Int32Array(Math.min(BLOCK, n - start));
      for (let i = 0; i < rows.length; i++) rows[i] = Math.floor((draw(seed, first + start + i) * n) / 2 ** 32);
      yield rows;
    }
    return;
  }
  const bits = Math.max(0, Math.ceil(Math.log2(n / BLOCK)));
  const ends = new Int32Array(2 ** bits + 1); // of each bucket; the shift by 32 - bits must not be one by 32
  const bucket = (random) => (bits ? random >>> (32 - bits) : 0);
  for (let i = 0; i < n; i++) {
    ends[bucket(draw(seed, first + i)) + 1]++;
    if (i % (8 * BLOCK) === 8 * BLOCK - 1) yield undefined;
  }
  for (let k = 1; k < ends.length; k++) ends[k] += ends[k - 1];
  const next = ends.slice(0, -1);
  const keys = new Float64Array(n);
  for (let i = 0; i < n; i++) {
    const random = draw(seed, first + i);
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

/** {k, s}: a point is recorded whenever the examples reach a multiple of s·n/k; at most MOST_POINTS in all. */
export function marks(epochs, pointsPerEpoch) {
  const k = Math.max(1, Math.min(pointsPerEpoch, Math.floor(MOST_POINTS / (epochs + 1))));
  return { k, s: k === 1 ? Math.ceil(epochs / (MOST_POINTS - 2)) : 1 };
}

/**
 * Minibatch gradient descent on the half squared loss, from `init` or from zero; see d2lmini.engine.sgd. `batch_size`
 * is a number or a list of one for each epoch, `schedule(t, epoch)` a factor on the rate of update t.
 * Yields and returns {n, examples, updates, loss, theta, diverged_at}.
 */
export function* sgd(data, options) {
  const { batch_size, lr, epochs = 2, seed = 0, copies = 1, replacement = false, init, schedule, points_per_epoch = 20, early = false } = options;
  const { A, y, m, width } = data;
  const n = m * copies;
  const { k, s } = marks(epochs, points_per_epoch);
  const lossOf = quadratic(data);
  const theta = init ? Float64Array.from(init) : new Float64Array(width);
  const gradient = new Float64Array(width);
  const run = { n, examples: [], updates: [], loss: [], theta: [], diverged_at: null };
  let examples = 0;
  let updates = 0;
  let epoch = 0;
  let nextPoint = 0;
  let nextEarly = 0;

  const record = () => {
    const loss = halfLoss(lossOf, theta);
    if (!(loss <= DIVERGED)) {
      run.diverged_at = updates;
      return false;
    }
    run.examples.push(examples);
    run.updates.push(updates);
    run.loss.push(loss);
    run.theta.push([...theta]);
    const point = Math.floor((examples * k) / (n * s));
    nextPoint = Math.min(Math.ceil(((point + 1) * n * s) / k), epochs * n);
    nextEarly = early ? updates + Math.max(1, Math.floor(updates / 12)) : Infinity;
    return true;
  };
  const add = (row) => {
    const at = row * width;
    let error = -y[row];
    for (let j = 0; j < width; j++) error += A[at + j] * theta[j];
    for (let j = 0; j < width; j++) gradient[j] += error * A[at + j];
  };
  const step = (rows, size) => {
    const rate = (schedule ? lr * schedule(updates + 1, epoch) : lr) / rows;
    for (let j = 0; j < width; j++) theta[j] -= rate * gradient[j];
    gradient.fill(0);
    updates += 1;
    examples += size;
    return (examples < nextPoint && updates < nextEarly) || record();
  };

  if (!record()) return run;
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

/** Let a generator run to its end and return what it returns. */
export function finish(generator) {
  let state = generator.next();
  while (!state.done) state = generator.next();
  return state.value;
}
