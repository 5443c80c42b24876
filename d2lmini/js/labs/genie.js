// What copies of the data change: the lab of the exercises; the twin of d2lmini/labs/genie.py.

import { minibatchSgd, reached } from "../core/engine.js";
import { TRAINING_ROWS, table } from "../core/rows.js";
import { remembered } from "../core/steps.js";
import { bestPossible } from "../core/theory.js";
import { cost } from "../timing/costs.js";
import { TARGET, below, ceiling, curve, last, level, ticks, where } from "./runs.js";
import { duration } from "./words.js";

/** @import { Costs, Line, Result, Results, Run, Say, Work } from "../types" */

/** @type {Record<string, [size: number | null, lr: number, updates: number]>} meta of the trace: batch size (null: all rows), … */
const METHODS = { gd: [null, 0.5, 10], b100: [100, 0.4, 30], b10: [10, 0.05, 300], sgd: [1, 0.005, 3000] };
/** @type {Record<string, string>} */
const KINDS = { epochs: "share", examples: "count", updates: "count", seconds: "time" };

/**
 * The same updates on the plain table and on one with copies of each row; see d2lmini.labs.genie.
 * @param {{ copies?: number, sampling?: string, method?: string, axis?: string, whose?: string, seed?: number, costs: Costs,
 *   titles: Record<string, string>, names: Record<string, string> }} settings
 * @returns {Results}
 */
export function* compute(settings) {
  const { copies = 1, sampling = "reshuffled", method = "all", axis = "examples", whose = "torch", seed = 0 } = settings;
  const { costs, titles, names } = settings;
  const shown = method === "all" ? Object.keys(METHODS) : [method];
  /** @type {Record<string, Line>} */
  const traces = {};
  for (const suffix of ["_before", ""]) for (const meta in METHODS) traces[meta + suffix] = { x: [], y: [], mode: "lines" };

  /** @type {(meta: string, run: Run) => Work<number[], undefined>} */
  const place = function* (meta, run) {
    const size = METHODS[meta][0] ?? run.n;
    const [update, shuffle] = axis === "seconds" ? yield* cost(costs, whose, run.n, size) : [0, 0];
    return where(run, size, axis, [update, sampling === "replacement" ? 0 : shuffle]);
  };

  /** @type {(say: Say) => Result} */
  const result = (say) => {
    const ends = Object.values(traces).flatMap(({ x }) => (x.length ? [x[0], last(x)] : []));
    const [left, right] = [Math.min(...ends), Math.max(...ends)];
    const xaxis = { range: [Math.log10(left), Math.log10(right)], title: { text: titles[axis] }, ...ticks(axis) };
    return { traces: { ...traces, optimum: level(bestPossible().loss, left, right) }, layout: { xaxis }, say };
  };

  /** @type {[Record<string, number | null>, Record<string, number | null>]} */
  const [before, now] = [{}, {}];
  for (const meta of shown) {
    const run = yield* runOf(1, meta, sampling, seed);
    const [x, at] = [yield* place(meta, run), reached(run.loss, TARGET)];
    traces[`${meta}_before`] = curve(run, x, below(ceiling()), true);
    before[meta] = at === undefined ? null : x[at];
  }
  yield result([["working", { rows: copies * TRAINING_ROWS }]]);
  for (const meta of shown) {
    const run = yield* runOf(copies, meta, sampling, seed);
    const [x, at] = [yield* place(meta, run), reached(run.loss, TARGET)];
    traces[meta] = curve(run, x, below(ceiling()), true);
    now[meta] = at === undefined ? null : x[at];
    yield undefined;
  }
  yield result(outcome(copies, axis, titles, names, before, now));
}

/** @type {Map<string, Run>} */
const known = new Map();

/**
 * As many updates of a method as METHODS says, remembered.
 * @param {number} copies
 * @param {string} method
 * @param {string} sampling
 * @param {number} seed
 */
function runOf(copies, method, sampling, seed) {
  return remembered(known, [copies, method, sampling, seed].join(), updatesOf(copies, method, sampling, seed));
}

/**
 * As many updates of a method as METHODS says; they may be a small part of an epoch.
 * @param {number} copies
 * @param {string} method
 * @param {string} sampling
 * @param {number} seed
 * @returns {Work<Run, undefined>}
 */
function* updatesOf(copies, method, sampling, seed) {
  const [size, lr, updates] = METHODS[method];
  const rows = copies * TRAINING_ROWS;
  const batch_size = size ?? rows;
  const replacement = sampling === "replacement" && size !== null;
  const epochs = Math.ceil((updates * batch_size) / rows);
  const work = minibatchSgd(table(), { batch_size, lr, epochs, seed, copies, replacement, early: true });
  let { value: run, done } = work.next();
  while (!done && last(run.updates) < updates) {
    yield undefined;
    ({ value: run, done } = work.next());
  }
  const count = run.updates.filter((update) => update <= updates).length;
  const { n, examples, loss, theta } = run;
  const [some, losses, weights] = [examples.slice(0, count), loss.slice(0, count), theta.slice(0, count)];
  return { n, examples: some, updates: run.updates.slice(0, count), loss: losses, theta: weights, diverged_at: run.diverged_at };
}

/**
 * Where on the axis each method came down to the target, on the plain table and on the copied one.
 * @param {number} copies
 * @param {string} axis
 * @param {Record<string, string>} titles
 * @param {Record<string, string>} names
 * @param {Record<string, number | null>} before
 * @param {Record<string, number | null>} now
 * @returns {Say}
 */
function outcome(copies, axis, titles, names, before, now) {
  const head = { target: TARGET, axis: titles[axis] };
  /** @type {Say} */
  const say = [copies === 1 ? ["once", head] : ["copied", { ...head, copies }]];
  const amount = (/** @type {number} */ at) => (axis === "seconds" ? duration(at) : at);
  for (const [meta, at] of Object.entries(now)) {
    const [name, was] = [names[meta], before[meta]];
    if (was === null || at === null) say.push(["missed", { name, updates: METHODS[meta][2] }]);
    else if (copies === 1) say.push([KINDS[axis], { name, now: amount(at) }]);
    else say.push([`${KINDS[axis]}s`, { name, before: amount(was), now: amount(at) }]);
  }
  return say;
}
