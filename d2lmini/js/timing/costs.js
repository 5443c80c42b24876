// What an update costs, as recorded and in this browser; the twin of a part of d2lmini/timing/costs.py.
// One run takes a millisecond or two and clocks tick at 0.1 ms, so many are timed together.

import { epochOrder, minibatchSgd } from "../core/engine.js";
import { table } from "../core/rows.js";
import { remembered } from "../core/steps.js";

/** @import { Cost, Costs, Work } from "../types" */

const LONG_ENOUGH = 30; // milliseconds timed for one figure
/** @type {Map<string, number>} */
const known = new Map();

/**
 * Seconds of one update and of one epoch's shuffle of a program, log-log between the batch sizes measured.
 * @param {Costs} costs
 * @param {string} program
 * @param {number} rows
 * @param {number} batch
 * @returns {Work<Cost, undefined>}
 */
export function* cost(costs, program, rows, batch) {
  const [update, shuffle] = program === "here" ? yield* here(rows, batch) : recorded(costs[program][rows], batch);
  return [update, batch < rows ? shuffle : 0]; // a batch of all rows needs none
}

/**
 * @param {Costs[string][string]} program
 * @param {number} batch
 * @returns {Cost}
 */
function recorded({ batch: sizes, update, epoch }, batch) {
  const above = sizes.findIndex((size) => size >= batch);
  if (above === 0 || sizes[above] === batch) return [update[above], epoch];
  const [a, b] = [above - 1, above];
  const part = Math.log(batch / sizes[a]) / Math.log(sizes[b] / sizes[a]);
  return [update[a] * (update[b] / update[a]) ** part, epoch];
}

/**
 * Seconds of an update and of an epoch's shuffle in this browser, on the repeated table.
 * @param {number} rows
 * @param {number} batch
 * @returns {Work<Cost, undefined>}
 */
function* here(rows, batch) {
  const shuffle = yield* remembered(known, `${rows}`, shuffled(rows));
  return [yield* remembered(known, `${rows} ${batch}`, updated(batch)), shuffle];
}

/**
 * @param {number} batch
 * @returns {Work<number, undefined>}
 */
function* updated(batch) {
  const data = table();
  const size = Math.min(batch, data.m);
  const updates = Math.max(1, Math.floor(data.m / size));
  const part = { ...data, m: updates * size }; // whole batches only
  const pass = yield* repeated(() => {
    for (const _ of minibatchSgd(part, { batch_size: size, lr: 1e-4, epochs: 1, points_per_epoch: 1 }));
  });
  const own = size === part.m ? 0 : yield* remembered(known, `${part.m}`, shuffled(part.m)); // a pass over all rows draws no order
  return (Math.max(pass - own, pass / 10) / updates) * (batch / size);
}

/**
 * @param {number} rows
 * @returns {Work<number, undefined>}
 */
function* shuffled(rows) {
  if (rows <= 15_000) {
    return yield* repeated(() => {
      for (const _ of epochOrder(rows, 0, 0));
    });
  }
  let seconds = 0;
  const order = epochOrder(rows, 0, 0);
  for (let done = false; !done; ) {
    const began = performance.now();
    done = Boolean(order.next().done);
    seconds += (performance.now() - began) / 1000;
    yield undefined;
  }
  return seconds;
}

/**
 * Seconds a call of `work` takes, over as many calls as fill LONG_ENOUGH; yields between them.
 * @param {() => void} work
 * @returns {Work<number, undefined>}
 */
function* repeated(work) {
  work();
  let spent = 0;
  let calls = 0;
  while (spent < LONG_ENOUGH) {
    const began = performance.now();
    for (const until = began + 8; performance.now() < until; calls++) work();
    spent += performance.now() - began;
    yield undefined;
  }
  return spent / calls / 1000;
}
