// A run whose learning rate falls, or whose batch grows, beside one at a constant rate; the twin of d2lmini/labs/schedules.py.

import { minibatchSgd } from "../core/engine.js";
import { TRAINING_ROWS, table } from "../core/rows.js";
import { constant, cosine, exponential, growing, power, step, warmUp } from "../core/schedules.js";
import { breathing } from "../core/steps.js";
import { bestPossible } from "../core/theory.js";
import { BAND_SEEDS, above, band as bandOf, ceiling, clipped, curve, last, level, none, runs, where } from "./runs.js";

/** @import { Axis, Line, Result, Results, Run, Say } from "../types" */
/** @typedef {{ kind: string, batch: number, lr: number, divide: number, every: number, gamma: number, delay: number, warm: number,
 *   epochs: number, seed: number, view?: string, band?: boolean, titles: Record<string, string> }} Settings */

const LEAST = 1e-9; // above the best: less is rounding
const LOWEST = 1e-7; // where an axis of the distance ends at the latest
const SPAN = 2e6; // of the axis of the rates, at most

/**
 * The loss and the learning rate over time; see d2lmini.labs.schedules.
 * @param {Settings} settings
 * @returns {Results}
 */
export function* compute(settings) {
  const { kind, batch, lr, divide, every, warm, epochs, seed, view = "loss", band = false, titles } = settings;
  const grows = kind === "grow";
  /** @type {number[]} */
  const sizes = grows ? growing(batch, epochs, divide, every, TRAINING_ROWS) : new Array(epochs).fill(batch);
  const schedule = scheduleOf(settings, sizes.reduce((sum, size) => sum + Math.ceil(TRAINING_ROWS / size), 0));
  const [best, edge] = [bestPossible().loss, ceiling()];
  /** @type {Record<string, Line>} */
  const traces = Object.fromEntries(["low", "high", "steady", "run", "rate", "noise"].map((meta) => [meta, none()]));

  const shown = (/** @type {number} */ loss) =>
    view === "loss" ? Math.min(loss, edge) : Math.max(Math.min(loss, edge) - best, LEAST);
  /** @type {(said: Say) => Result} */
  const result = (said) => {
    const layout = layoutOf(traces, view, epochs, lr);
    layout.yaxis.title = { text: titles[view] };
    const optimum = view === "loss" ? level(best, 0, epochs) : none();
    return { traces: { ...traces, optimum, steady_rate: level(lr, 0, epochs) }, layout, say: said };
  };
  const trained = (/** @type {number} */ start) =>
    breathing(minibatchSgd(table(), { batch_size: sizes, lr, seed: start, epochs, schedule, early: true }));

  const run = yield* trained(seed);
  traces.run = curve(run, where(run, sizes, "epochs"), shown);
  const when = run.updates.map((t, i) => [Math.max(t, 1), Math.floor(Math.max(run.examples[i] - 1, 0) / TRAINING_ROWS)]);
  const rates = when.map(([t, epoch]) => lr * schedule(t, epoch));
  traces.rate = { x: epochsOf(run), y: rates };
  if (grows) traces.noise = { x: epochsOf(run), y: rates.map((rate, i) => (rate * batch) / sizes[when[i][1]]) };
  let say = outcome(run, batch, lr, rates, grows ? last(sizes) : null);
  if (Math.min(...rates) < lr / SPAN) say.push(["outside", { lowest: lr / SPAN }]);
  yield result(say);

  const steady = yield* breathing(runs(TRAINING_ROWS, batch, lr, seed, epochs));
  traces.steady = curve(steady, where(steady, batch, "epochs"), shown);
  if (kind !== "constant" || warm) say = [...say, beside(steady)];
  say = [...say, ...clipped([run, steady], edge)];
  yield result(say);

  if (band) {
    const many = [];
    for (let other = 0; other < BAND_SEEDS; other++) {
      many.push(yield* trained(other));
      yield undefined;
    }
    Object.assign(traces, bandOf(many, epochsOf, shown));
    yield result(say);
  }
}

/**
 * @param {Settings} settings
 * @param {number} updates
 */
function scheduleOf({ kind, divide, every, gamma, delay, warm }, updates) {
  let shape = constant();
  if (kind === "sqrt") shape = power(-0.5, delay);
  if (kind === "inverse") shape = power(-1, delay);
  if (kind === "epoch" || kind === "update") shape = exponential(gamma, kind);
  if (kind === "step") shape = step(divide, every);
  if (kind === "cosine") shape = cosine(updates);
  return warmUp(warm, shape);
}

/**
 * How the run ended; `largest` is the batch that it grew to, if it did.
 * @param {Run} run
 * @param {number} batch
 * @param {number} lr
 * @param {number[]} rates
 * @param {number | null} largest
 * @returns {Say}
 */
function outcome(run, batch, lr, rates, largest) {
  if (run.diverged_at !== null) return [["diverged", { batch, lr, update: run.diverged_at }]];
  const end = { batch, updates: last(run.updates), loss: last(run.loss), above: above(last(run.loss)) };
  if (largest !== null) return [["grew", { ...end, lr, largest }]];
  return [["fell", { ...end, first: rates[0], last: last(rates) }]];
}

/**
 * How the run at the constant rate ended.
 * @param {Run} steady
 * @returns {Say[number]}
 */
function beside(steady) {
  if (steady.diverged_at !== null) return ["steady_diverged", { update: steady.diverged_at }];
  return ["steady", { above: above(last(steady.loss)), updates: last(steady.updates) }];
}

/** @param {Run} run */
function epochsOf({ examples }) {
  return examples.map((e) => e / TRAINING_ROWS);
}

/**
 * The ranges that hold the run, the constant one and the rates.
 * @param {Record<string, Line>} traces
 * @param {string} view
 * @param {number} epochs
 * @param {number} lr
 * @returns {Record<string, Axis>}
 */
function layoutOf(traces, view, epochs, lr) {
  const losses = [...traces.run.y, ...traces.steady.y];
  const rates = [lr, ...traces.rate.y, ...traces.noise.y];
  const lowest = Math.max(Math.min(...losses), LOWEST);
  // two decades at a time, so that the axis stays while a slider moves
  const [bottom, top] = [2 * Math.floor(Math.log10(lowest) / 2), Math.ceil(Math.log10(Math.max(...losses)))];
  const yaxis =
    view === "above"
      ? { type: "log", range: [bottom, top], dtick: 1 }
      : { type: "linear", range: [0.23, Math.max(1.05 * Math.max(...losses), 0.3)] };
  return {
    xaxis: { range: [0, epochs] },
    xaxis2: { range: [0, epochs] },
    yaxis,
    yaxis2: { range: [Math.log10(Math.max(Math.min(...rates) / 2, lr / SPAN)), Math.log10(2 * lr)] },
  };
}
