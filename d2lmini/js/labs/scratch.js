// The main lab: a run at any batch size and learning rate, beside the classic ones; the twin of d2lmini/labs/scratch.py.

import { DIVERGED, reached } from "../core/engine.js";
import { breathing } from "../core/steps.js";
import { bestPossible } from "../core/theory.js";
import { cost } from "../timing/costs.js";
import { BAND_SEEDS, TARGET, above, band as bandOf, below, ceiling, clipped, curve, isKnown, last, level, none, runs, ticks, where } from "./runs.js";
import { duration } from "./words.js";

/** @import { Axis, Cost, Costs, Line, Result, Results, Run, Say, Work } from "../types" */

const QUICK_ROWS = 15_000; // a run over more rows is drawn as it grows; thirty more of it would keep a reader waiting
/** @type {Record<string, [size: number | null, lr: number, epochs: number]>} meta of the trace: batch size (null: all rows), … */
const CLASSICS = { gd: [null, 1, 10], sgd: [1, 0.005, 2], b100: [100, 0.4, 2], b10: [10, 0.05, 2] };

/** On which axes a run is seen, and what it costs there. */
class View {
  /**
   * @param {{ rows: number, axis: string, whose: string, costs: Costs, logx: boolean, logy: boolean,
   *   titles: Record<string, string> }} asked
   */
  constructor({ rows, axis, whose, costs, logx, logy, titles }) {
    this.rows = rows;
    this.axis = axis;
    this.whose = whose;
    this.costs = costs;
    this.logx = logx;
    this.logy = logy;
    this.title = titles[axis];
    this.edge = logy ? DIVERGED : ceiling(); // where curves are cut off
  }

  /**
   * Where the run's points lie.
   * @param {Run} run
   * @param {number} size
   * @returns {Work<number[], undefined>}
   */
  *place(run, size) {
    return where(run, size, this.axis, yield* this.cost(size));
  }

  /**
   * @param {number} size
   * @returns {Work<Cost, undefined>}
   */
  *cost(size) {
    return this.axis === "seconds" ? yield* cost(this.costs, this.whose, this.rows, size) : [0, 0];
  }

  /**
   * What a trace shows of a run.
   * @param {Run} run
   * @param {number} size
   */
  *line(run, size) {
    return curve(run, yield* this.place(run, size), below(this.edge), this.logx);
  }

  /**
   * The range of many runs.
   * @param {Run[]} many
   * @param {number} size
   */
  *band(many, size) {
    const own = yield* this.cost(size);
    const traces = bandOf(many, (run) => where(run, size, this.axis, own), below(this.edge));
    const first = traces.low.x.findIndex((at) => at > 0 || !this.logx);
    return Object.fromEntries(Object.entries(traces).map(([meta, { x, y }]) => [meta, { x: x.slice(first), y: y.slice(first) }]));
  }

  /**
   * The chart with these lines; it reaches at least to `end`, or to where the run ends.
   * @param {Record<string, Line>} traces
   * @param {Say} say
   * @param {number} [end]
   * @returns {Result}
   */
  result(traces, say, end) {
    const lines = Object.values(traces).filter(({ x }) => x.length);
    const ends = [end ?? last(lines[0].x), ...lines.flatMap(({ x }) => [x[0], last(x)])];
    const [first, right] = [Math.min(...ends), Math.max(...ends)];
    const left = !this.logx ? 0 : first < right ? first : right / 10; // the last is a run of one update
    const top = Math.max(1.05 * Math.max(...lines.map(({ y }) => Math.max(...y))), 0.55);
    /** @type {(isLog: boolean, range: number[]) => Axis} */
    const axis = (isLog, range) => (isLog ? { type: "log", range: range.map(Math.log10) } : { type: "linear", range });
    return {
      traces: { ...traces, optimum: level(bestPossible().loss, left, right) },
      layout: {
        xaxis: { ...axis(this.logx, [left, right]), title: { text: this.title }, ...ticks(this.axis) },
        yaxis: axis(this.logy, [0.2, top]),
      },
      say,
    };
  }
}

/**
 * One run, with the spread of thirty seeds and the classic runs beside it, on the axis asked for; see d2lmini.labs.scratch.
 * @param {{ rows?: number, batch?: number | "all", lr?: number, seed?: number, axis?: string, whose?: string, logx?: boolean,
 *   logy?: boolean, band?: boolean, classics?: boolean, epochs?: number, costs?: Costs, titles: Record<string, string> }} settings
 * @returns {Results}
 */
export function* compute(settings) {
  const { rows = 1500, batch = 10, lr = 0.05, seed = 0, axis = "epochs", whose = "torch", epochs = 2 } = settings;
  const { logx = false, logy = false, band = false, classics = false, costs = {}, titles } = settings;
  const size = batch === "all" ? rows : Math.min(batch, rows);
  const view = new View({ rows, axis, whose, costs, logx, logy, titles });
  /** @type {Record<string, Line>} */
  const traces = Object.fromEntries(["run", "low", "high", ...Object.keys(CLASSICS)].map((meta) => [meta, none()]));

  // The classic runs stay in sight while a slider moves, once they are known.
  const known = Object.values(CLASSICS).every(([b, rate, budget]) => isKnown(rows, b ?? rows, rate, seed, budget));
  if (classics && known) yield* add(traces, view, seed);
  const whole = { n: rows, examples: [epochs * rows], updates: [epochs * Math.ceil(rows / size)], loss: [], theta: [], diverged_at: null };
  const [end] = yield* view.place(whole, size);
  /** @type {(part: Run) => Work<Result | undefined, undefined>} */
  const drawn = function* (part) {
    const line = yield* view.line(part, size);
    const done = (100 * last(part.examples)) / (epochs * rows);
    return line.x.length ? view.result({ ...traces, run: line }, [["working", { rows, done }]], end) : undefined;
  };
  const run = yield* growing(runs(rows, size, lr, seed, epochs), rows, drawn);
  traces.run = yield* view.line(run, size);
  const say = yield* outcome(run, size, lr, view);
  yield view.result({ ...traces }, say);

  if (band && rows <= QUICK_ROWS) {
    const many = [];
    for (let other = 0; other < BAND_SEEDS; other++) {
      many.push(yield* breathing(runs(rows, size, lr, other, epochs)));
      yield undefined;
    }
    Object.assign(traces, yield* view.band(many, size));
    yield view.result(traces, say);
  }
  if (classics && !known) {
    yield* add(traces, view, seed);
    yield view.result(traces, say);
  }
}

/**
 * Run the classic ones and draw them.
 * @param {Record<string, Line>} traces
 * @param {View} view
 * @param {number} seed
 * @returns {Work<void, undefined>}
 */
function* add(traces, view, seed) {
  for (const [meta, [b, lr, epochs]] of Object.entries(CLASSICS)) {
    const size = b ?? view.rows;
    const run = yield* breathing(runs(view.rows, size, lr, seed, epochs));
    traces[meta] = yield* view.line(run, size);
  }
}

/**
 * A run that is drawn while it grows, if it is over many rows.
 * @param {Work<Run, Run>} work
 * @param {number} rows
 * @param {(part: Run) => Work<Result | undefined, undefined>} drawn
 * @returns {Work<Run, Result | undefined>}
 */
function* growing(work, rows, drawn) {
  for (;;) {
    const { value: part, done } = work.next();
    if (done) return part;
    yield rows <= QUICK_ROWS || last(part.examples) === 0 ? undefined : yield* drawn(part);
  }
}

/**
 * How a run ended, and when it was good enough.
 * @param {Run} run
 * @param {number} size
 * @param {number} lr
 * @param {View} view
 * @returns {Work<Say, undefined>}
 */
function* outcome(run, size, lr, view) {
  if (run.diverged_at !== null) {
    return [["diverged", { batch: size, lr, update: run.diverged_at }], ...(view.logy ? [] : clipped([run], view.edge))];
  }
  const loss = last(run.loss);
  const peak = Math.max(...run.loss);
  /** @type {Say} */
  const say = [["trained", { batch: size, lr, loss, updates: last(run.updates), above: above(loss) }]];
  if (peak > 1.5 * run.loss[0]) say.push(["peaked", { peak }]);
  say.push(...clipped([run], view.edge));
  if (view.axis === "seconds") {
    const at = reached(run.loss, TARGET);
    if (at === undefined) return [...say, ["missed", { target: TARGET }]];
    const time = duration((yield* view.place(run, size))[at]);
    say.push(["reached", { target: TARGET, updates: run.updates[at], time }]);
  }
  return say;
}
