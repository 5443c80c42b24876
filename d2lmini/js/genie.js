// What copies of the data change: the lab of the exercises; the twin of d2lmini/genie.py.

import { curve, duration, optimum, secondsPer, where } from "./compute.js";
import { halfLoss, quadratic, sgd, table } from "./engine.js";

const CEILING = 4; // times the first loss, as in compute.js
const TARGET = 0.25;
// meta of the trace: batch size (null: all rows), learning rate, updates
const METHODS = { gd: [null, 0.5, 10], b100: [100, 0.4, 30], b10: [10, 0.05, 300], sgd: [1, 0.005, 3000] };
const KINDS = { epochs: "share", examples: "count", updates: "count", seconds: "time" };

/** The same updates on the plain table and on one with copies of each row; see d2lmini.genie.genie. */
export function* genie(settings) {
  const { copies = 1, sampling = "reshuffled", method = "all", axis = "examples", whose = "torch", seed = 0 } = settings;
  const { costs, titles, names } = settings;
  const shown = method === "all" ? Object.keys(METHODS) : [method];
  const bottom = optimum().loss;
  const ceiling = CEILING * halfLoss(quadratic(table()), new Float64Array(table().width));
  const traces = {};
  for (const suffix of ["_before", ""]) for (const meta in METHODS) traces[meta + suffix] = { x: [], y: [], mode: "lines" };

  const place = function* (meta, run) {
    const batch = METHODS[meta][0] ?? run.n;
    const [update, shuffle] = axis === "seconds" ? yield* secondsPer(costs, whose, run.n, batch) : [0, 0];
    return where(run, batch, axis, [update, sampling === "replacement" ? 0 : shuffle]);
  };

  const result = (say) => {
    const ends = Object.values(traces).flatMap(({ x }) => (x.length ? [x[0], x.at(-1)] : []));
    const [left, right] = [Math.min(...ends), Math.max(...ends)];
    const layout = {
      xaxis: {
        range: [Math.log10(left), Math.log10(right)],
        title: { text: titles[axis] },
        ticksuffix: axis === "seconds" ? "s" : "",
      },
    };
    return { traces: { ...traces, optimum: { x: [left, right], y: [bottom, bottom] } }, layout, say };
  };

  const before = {};
  for (const meta of shown) {
    const run = yield* runOf(1, meta, sampling, seed);
    const x = yield* place(meta, run);
    traces[`${meta}_before`] = curve(run, x, true, ceiling);
    before[meta] = reached(run, x);
  }
  yield result([["working", { rows: copies * table().m }]]);
  const now = {};
  for (const meta of shown) {
    const run = yield* runOf(copies, meta, sampling, seed);
    const x = yield* place(meta, run);
    traces[meta] = curve(run, x, true, ceiling);
    now[meta] = reached(run, x);
    yield undefined;
  }
  yield result(sentences(copies, axis, names, before, now));
}

const known = new Map();
/** As many updates of a method as METHODS says, remembered; they may be a small part of an epoch. */
function* runOf(copies, method, sampling, seed) {
  const key = [copies, method, sampling, seed].join();
  if (!known.has(key)) {
    const [batch, lr, updates] = METHODS[method];
    const data = table();
    const rows = copies * data.m;
    const batch_size = batch ?? rows;
    const replacement = sampling === "replacement" && batch !== null;
    const epochs = Math.ceil((updates * batch_size) / rows);
    const work = sgd(data, { batch_size, lr, epochs, seed, copies, replacement, early: true });
    let run;
    for (let state = work.next(); ; state = work.next()) {
      run = state.value ?? run;
      if (state.done || run.updates.at(-1) >= updates) break;
      yield undefined;
    }
    const count = run.updates.filter((update) => update <= updates).length;
    const cut = (list) => list.slice(0, count);
    known.set(key, { ...run, examples: cut(run.examples), updates: cut(run.updates), loss: cut(run.loss), theta: cut(run.theta) });
    if (known.size > 100) known.delete(known.keys().next().value);
  }
  return known.get(key);
}

/** Where on the axis the loss was first recorded at the target or below; null if nowhere. */
function reached(run, x) {
  const first = run.loss.findIndex((loss) => loss <= TARGET);
  return first < 0 ? null : x[first];
}

function sentences(copies, axis, names, before, now) {
  const head = { target: TARGET, axis };
  const say = [copies === 1 ? ["once", head] : ["copied", { ...head, copies }]];
  const amount = (at) => (axis === "seconds" ? duration(at) : at);
  for (const meta of Object.keys(now)) {
    const name = names[meta];
    if (now[meta] === null || before[meta] === null) say.push(["missed", { name, updates: METHODS[meta][2] }]);
    else if (copies === 1) say.push([KINDS[axis], { name, now: amount(now[meta]) }]);
    else say.push([`${KINDS[axis]}s`, { name, before: amount(before[meta]), now: amount(now[meta]) }]);
  }
  return say;
}
