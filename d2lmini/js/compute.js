// What the labs compute: pure functions of their settings, each with a twin of the same name in d2lmini/compute.py.
// Each is a generator of results {traces: {meta: changes}, layout: changes, say: [[sentence, values], …]}. The first
// result is drawn at once, later ones when the sliders have come to rest; undefined only gives the page time to breathe.

import { format } from "./chart.js";
import { here } from "./clock.js";
import { halfLoss, quadratic, sgd, table } from "./engine.js";

const DIVERGED = 1e6;
export const CEILING = 4; // times the first loss: what lies above is drawn at the edge, and a sentence says so
const TARGET = 0.25; // the half loss that "whose seconds" races to
const BAND_SEEDS = 30;
const QUICK_ROWS = 15_000; // a run over more rows is drawn as it grows; thirty more of it would keep a reader waiting
const FEW_POINTS = 10;
// How an axis that does not, or does, hold seconds writes its ticks: 20ms, 50µs.
const SECONDS = [
  { ticksuffix: "", exponentformat: "B", minexponent: 3 },
  { ticksuffix: "s", exponentformat: "SI", minexponent: 2 },
];
// meta of the trace: batch size (null: all rows), learning rate, epochs
const CLASSICS = { gd: [null, 1, 10], sgd: [1, 0.005, 2], b100: [100, 0.4, 2], b10: [10, 0.05, 2] };

/** Solve the symmetric positive definite system H x = c (H flat), by Gaussian elimination. */
function solve(H, c) {
  const n = c.length;
  const rows = Array.from({ length: n }, (_, i) => [...H.slice(i * n, (i + 1) * n), c[i]]);
  for (let i = 0; i < n; i++) {
    for (let k = i + 1; k < n; k++) {
      const factor = rows[k][i] / rows[i][i];
      for (let j = i; j <= n; j++) rows[k][j] -= factor * rows[i][j];
    }
  }
  const x = new Array(n);
  for (let i = n - 1; i >= 0; i--) {
    let rest = rows[i][n];
    for (let j = i + 1; j < n; j++) rest -= rows[i][j] * x[j];
    x[i] = rest / rows[i][i];
  }
  return x;
}

let best;
/** {theta, loss}: the best weights (bias last) on the labs' rows, and their half loss. */
export function optimum() {
  if (!best) {
    const form = quadratic(table());
    const theta = solve(form.H, form.c);
    best = { theta, loss: halfLoss(form, theta) };
  }
  return best;
}

const known = new Map();
const keyOf = (rows, batch, lr, seed, epochs, points_per_epoch = 20) => [rows, batch, lr, seed, epochs, points_per_epoch].join();

/** A training run on the table repeated to `rows` rows, remembered: yields as the engine does, returns the run. */
export function* runs(rows, batch, lr, seed, epochs, points_per_epoch = 20) {
  const key = keyOf(rows, batch, lr, seed, epochs, points_per_epoch);
  if (!known.has(key)) {
    const data = table();
    const batch_size = batch === null ? rows : Math.min(batch, rows);
    const run = yield* sgd(data, { batch_size, lr, seed, epochs, copies: rows / data.m, points_per_epoch, early: true });
    known.set(key, run);
    if (known.size > 100) known.delete(known.keys().next().value);
  }
  return known.get(key);
}

/** A run that only breathes on the way: partial runs are not passed on. */
export function* breathing(run) {
  let state = run.next();
  for (; !state.done; state = run.next()) yield undefined;
  return state.value;
}

/** [seconds of one update, seconds of one epoch's shuffle] of a program, log-log between the batch sizes measured. */
export function* secondsPer(costs, whose, rows, batch) {
  const [seconds, shuffle] = whose === "here" ? yield* here(rows, batch) : looked(costs[whose][rows], batch);
  return [seconds, batch < rows ? shuffle : 0]; // a batch of all rows needs none
}

function looked({ batch: sizes, update, epoch }, batch) {
  const above = sizes.findIndex((size) => size >= batch);
  if (above === 0 || sizes[above] === batch) return [update[above], epoch];
  const [a, b] = [above - 1, above];
  const part = Math.log(batch / sizes[a]) / Math.log(sizes[b] / sizes[a]);
  return [update[a] * (update[b] / update[a]) ** part, epoch];
}

/** Seconds as people say them: 38 µs, 1.2 ms, 4.9 s. */
export function duration(seconds) {
  const [unit, size] = [["s", 1], ["ms", 1e-3], ["µs", 1e-6]].find(([unit, size]) => seconds >= size || unit === "µs");
  const value = seconds / size;
  return `${format(value, value >= 10 ? ".0f" : ".1f")} ${unit}`;
}

/** The recorded points, and the divergence if there was one, on the axis. */
export function where(run, batch, axis, [update, epoch]) {
  const examples = [...run.examples];
  const updates = [...run.updates];
  if (run.diverged_at !== null) {
    const perEpoch = Math.ceil(run.n / batch);
    const full = Math.floor(run.diverged_at / perEpoch);
    examples.push(full * run.n + Math.min((run.diverged_at % perEpoch) * batch, run.n));
    updates.push(run.diverged_at);
  }
  if (axis === "epochs") return examples.map((e) => e / run.n);
  if (axis === "examples") return examples;
  if (axis === "updates") return updates;
  return examples.map((e, i) => updates[i] * update + Math.ceil(e / run.n) * epoch); // an epoch begins with its shuffle
}

/** What a trace shows of a run: its points, cut at the ceiling, as a line or, if they are few, with markers. */
export function curve(run, xs, logx, ceiling) {
  const loss = run.diverged_at === null ? run.loss : [...run.loss, ceiling];
  const x = [];
  const y = [];
  loss.forEach((value, i) => {
    if (xs[i] === 0 && logx) return;
    x.push(xs[i]);
    y.push(Math.min(value, ceiling));
  });
  return { x, y, mode: x.length < FEW_POINTS ? "lines+markers" : "lines" };
}

/** The main lab; see d2lmini.compute.training. */
export function* training(settings) {
  const { rows = 1500, batch = 10, lr = 0.05, seed = 0, axis = "epochs", whose = "torch" } = settings;
  const { logx = false, logy = false, band = false, classics = false, epochs = 2, costs, titles } = settings;
  const wanted = batch === "all" ? null : batch;
  const size = batch === "all" ? rows : Math.min(batch, rows);
  const bottom = optimum().loss;
  const start = halfLoss(quadratic(table()), new Float64Array(table().width));
  const ceiling = logy ? DIVERGED : CEILING * start;
  const cost = function* (b) {
    return axis === "seconds" ? yield* secondsPer(costs, whose, rows, b) : [0, 0];
  };
  const none = () => ({ x: [], y: [] });
  const traces = Object.fromEntries(["run", "low", "high", ...Object.keys(CLASSICS)].map((meta) => [meta, none()]));

  const result = (say, end) => {
    const lines = Object.values(traces).filter(({ x }) => x.length);
    const ends = [end ?? lines[0].x.at(-1), ...lines.flatMap(({ x }) => [x[0], x.at(-1)])];
    const [first, right] = [Math.min(...ends), Math.max(...ends)];
    const left = !logx ? 0 : first < right ? first : right / 10; // the last is a run of one update
    const top = Math.max(1.05 * Math.max(...lines.map(({ y }) => Math.max(...y))), 0.55);
    const layout = {
      xaxis: {
        type: logx ? "log" : "linear",
        range: logx ? [Math.log10(left), Math.log10(right)] : [left, right],
        title: { text: titles[axis] },
        ...SECONDS[Number(axis === "seconds")],
      },
      yaxis: {
        type: logy ? "log" : "linear",
        range: logy ? [Math.log10(0.2), Math.log10(top)] : [0.2, top],
      },
    };
    return { traces: { ...traces, optimum: { x: [left, right], y: [bottom, bottom] } }, layout, say };
  };

  const addClassics = function* () {
    for (const [meta, [b, rate, budget]] of Object.entries(CLASSICS)) {
      const classic = yield* breathing(runs(rows, b, rate, seed, budget));
      const own = b ?? rows;
      traces[meta] = curve(classic, where(classic, own, axis, yield* cost(own)), logx, ceiling);
    }
  };
  // The classic runs stay in sight while a slider moves, once they are known.
  const areKnown = Object.values(CLASSICS).every(([b, rate, budget]) => known.has(keyOf(rows, b, rate, seed, budget)));
  if (classics && areKnown) yield* addClassics();

  const ownCost = yield* cost(size);
  const whole = { n: rows, examples: [epochs * rows], updates: [epochs * Math.ceil(rows / size)], diverged_at: null };
  const [end] = where(whole, size, axis, ownCost);
  const generator = runs(rows, wanted, lr, seed, epochs);
  let run;
  for (let state = generator.next(); ; state = generator.next()) {
    run = state.value;
    if (state.done) break;
    if (!run || rows <= QUICK_ROWS || run.examples.at(-1) === 0) {
      yield undefined;
      continue;
    }
    traces.run = curve(run, where(run, size, axis, ownCost), logx, ceiling);
    const done = (100 * run.examples.at(-1)) / (epochs * rows);
    yield traces.run.x.length ? result([["working", { rows, done }]], end) : undefined;
  }
  const x = where(run, size, axis, ownCost);
  traces.run = curve(run, x, logx, ceiling);
  const say = sentences(run, size, lr, bottom, ceiling, axis === "seconds" ? x : null);
  yield result(say);

  if (band && rows <= QUICK_ROWS) {
    const many = [];
    for (let other = 0; other < BAND_SEEDS; other++) {
      many.push(yield* breathing(runs(rows, wanted, lr, other, epochs)));
      yield undefined;
    }
    const [xs] = many.map((one) => where(one, size, axis, ownCost)).sort((a, b) => b.length - a.length); // the longest
    const at = (one, i) => (i < one.loss.length ? Math.min(one.loss[i], ceiling) : ceiling);
    const keep = xs.map((_, i) => i).filter((i) => xs[i] > 0 || !logx);
    for (const [meta, pick] of [["low", Math.min], ["high", Math.max]]) {
      traces[meta] = { x: keep.map((i) => xs[i]), y: keep.map((i) => pick(...many.map((one) => at(one, i)))) };
    }
    yield result(say);
  }
  if (classics && !areKnown) {
    yield* addClassics();
    yield result(say);
  }
}

function sentences(run, batch, lr, bottom, ceiling, seconds) {
  if (run.diverged_at !== null) {
    const say = [["diverged", { batch, lr, update: run.diverged_at }]];
    return ceiling === DIVERGED ? say : [...say, ["clipped", { ceiling }]];
  }
  const loss = run.loss.at(-1);
  const peak = Math.max(...run.loss);
  const say = [["trained", { batch, lr, loss, updates: run.updates.at(-1), above: 100 * (loss / bottom - 1) }]];
  if (peak > 1.5 * run.loss[0]) say.push(["peaked", { peak }]);
  if (peak > ceiling) say.push(["clipped", { ceiling }]);
  if (seconds) {
    const reached = run.loss.findIndex((value) => value <= TARGET);
    if (reached < 0) say.push(["missed", { target: TARGET }]);
    else say.push(["reached", { target: TARGET, updates: run.updates[reached], time: duration(seconds[reached]) }]);
  }
  return say;
}
