// A run whose learning rate falls, or whose batch grows, beside one at a constant rate; the twin of d2lmini/decay.py.

import { breathing, optimum, runs } from "./compute.js";
import { quadratic, sgd, table } from "./engine.js";
import { constant, cosine, exponential, growing, power, step, warmUp } from "./schedules.js";

const BAND_SEEDS = 30;
const CEILING = 4; // times the first loss
const ROWS = 1500;
const LEAST = 1e-9; // above the best: less is rounding
const LOWEST = 1e-7; // where an axis of the distance ends at the latest
const SPAN = 2e6; // of the axis of the rates, at most

/** The loss and the learning rate over time; see d2lmini.decay.decay. */
export function* decay(settings) {
  const { kind, batch, lr, divide, every, warm, epochs, seed, view = "loss", band = false, titles } = settings;
  const grows = kind === "grow";
  const sizes = grows ? growing(batch, epochs, divide, every, ROWS) : new Array(epochs).fill(batch);
  const schedule = warmUp(warm, shape(settings, sizes.reduce((sum, size) => sum + Math.ceil(ROWS / size), 0)));
  const best = optimum().loss;
  const ceiling = CEILING * quadratic(table()).s; // the loss at zero weights is its constant
  const none = () => ({ x: [], y: [] });
  const traces = Object.fromEntries(["low", "high", "steady", "run", "rate", "noise"].map((meta) => [meta, none()]));

  const shown = (loss) => (view === "loss" ? Math.min(loss, ceiling) : Math.max(Math.min(loss, ceiling) - best, LEAST));
  const curve = (run, sizes) => {
    const [x, y] = [run.examples.map((e) => e / ROWS), run.loss.map(shown)];
    if (run.diverged_at !== null) {
      x.push(epochsOf(run.diverged_at, sizes));
      y.push(shown(ceiling));
    }
    return { x, y };
  };
  const result = (say) => {
    const layout = layoutOf(traces, view, epochs, lr);
    layout.yaxis.title = { text: titles[view] };
    const level = view === "loss" ? { x: [0, epochs], y: [best, best] } : none();
    return { traces: { ...traces, optimum: level, steady_rate: { x: [0, epochs], y: [lr, lr] } }, layout, say };
  };
  const trained = (seed) => breathing(sgd(table(), { batch_size: sizes, lr, seed, epochs, schedule, early: true }));

  const run = yield* trained(seed);
  traces.run = curve(run, sizes);
  const when = run.updates.map((t, i) => [Math.max(t, 1), Math.floor(Math.max(run.examples[i] - 1, 0) / ROWS)]);
  const rates = when.map(([t, epoch]) => lr * schedule(t, epoch));
  traces.rate = { x: run.examples.map((e) => e / ROWS), y: rates };
  if (grows) traces.noise = { x: traces.rate.x, y: rates.map((rate, i) => (rate * batch) / sizes[when[i][1]]) };
  let say = [["failed", { batch, lr, update: run.diverged_at }]];
  if (run.diverged_at === null) {
    const end = { batch, updates: run.updates.at(-1), loss: run.loss.at(-1), above: above(run, best) };
    const more = grows ? { lr, largest: sizes.at(-1) } : { first: rates[0], last: rates.at(-1) };
    say = [[grows ? "grew" : "fell", { ...end, ...more }]];
  }
  if (Math.min(...rates) < lr / SPAN) say.push(["outside", { lowest: lr / SPAN }]);
  yield result(say);

  const steady = yield* breathing(runs(ROWS, batch, lr, seed, epochs));
  traces.steady = curve(steady, new Array(epochs).fill(batch));
  if (kind !== "constant" || warm) {
    if (steady.diverged_at === null) say = [...say, ["steady", { above: above(steady, best), updates: steady.updates.at(-1) }]];
    else say = [...say, ["steady_failed", { update: steady.diverged_at }]];
  }
  const leaves = ({ diverged_at, loss }) => diverged_at !== null || Math.max(...loss) > ceiling;
  if (leaves(run) || leaves(steady)) say = [...say, ["clipped", { ceiling }]];
  yield result(say);

  if (band) {
    const many = [];
    for (let other = 0; other < BAND_SEEDS; other++) {
      many.push(yield* trained(other));
      yield undefined;
    }
    const { examples } = many.reduce((a, b) => (b.loss.length > a.loss.length ? b : a));
    for (const [meta, pick] of [["low", Math.min], ["high", Math.max]]) {
      const y = examples.map((_, i) => pick(...many.map(({ loss }) => shown(i < loss.length ? loss[i] : ceiling))));
      traces[meta] = { x: examples.map((e) => e / ROWS), y };
    }
    yield result(say);
  }
}

function shape({ kind, divide, every, gamma, delay }, updates) {
  if (kind === "sqrt") return power(-0.5, delay);
  if (kind === "inverse") return power(-1, delay);
  if (kind === "epoch" || kind === "update") return exponential(gamma, kind);
  if (kind === "step") return step(divide, every);
  if (kind === "cosine") return cosine(updates);
  return constant();
}

const above = (run, best) => 100 * (run.loss.at(-1) / best - 1);

/** Where an update ends, in epochs. */
function epochsOf(update, sizes) {
  for (const [epoch, size] of sizes.entries()) {
    const steps = Math.ceil(ROWS / size);
    if (update <= steps) return epoch + Math.min(update * size, ROWS) / ROWS;
    update -= steps;
  }
  return sizes.length;
}

/** The ranges that hold the run, the constant one and the rates. */
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
