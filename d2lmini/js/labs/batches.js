// Which rows land in which batch of an epoch, and how often each is used; the twin of d2lmini/labs/batches.py.

import { epochOrder, mulberry32 } from "../core/engine.js";
import { last, none } from "./runs.js";

/** @import { Results, Say, Trace } from "../types" */

/**
 * Every example of an epoch as a point, and how often each row is used; see d2lmini.labs.batches.
 * @param {{ rows: number, batch: number, how: string, buffer: number, seed: number, epoch: number }} settings
 * @returns {Results}
 */
export function* compute({ rows, batch, how, buffer, seed, epoch }) {
  const order = orderOf(rows, how, buffer, seed, epoch - 1);
  const size = Math.min(batch, rows);
  const updates = Math.ceil(rows / size);
  const rest = rows - (updates - 1) * size;
  /** @type {number[]} */
  const used = new Array(rows).fill(0);
  for (const row of order) used[row] += 1;
  /** @type {Record<string, Trace>} */
  const traces = { ...points(order, size), edges: edges(rows, size), reach: none(), ...counts(used) };
  if (how === "buffer" && buffer > 1 && buffer < rows) {
    // the newest row that the buffer holds when an example is drawn
    traces.reach = { x: order.map((_, place) => place + 1), y: order.map((_, place) => Math.min(rows, place + buffer) - 1) };
  }
  const most = Math.max(...used);
  const layout = {
    xaxis: { range: [0, rows + 1] },
    yaxis: { range: [-1, rows] },
    xaxis2: { range: [-0.5, Math.max(2, most) + 0.5] },
    yaxis2: { range: [-1, rows] },
  };
  const say = [counted(rows, size, updates, rest), ...mixed(rows, how, buffer, order, traces, most)];
  yield { traces, layout, say };
}

/**
 * The order of an epoch shuffled through a buffer; see d2lmini.labs.batches.
 * @param {number} n
 * @param {number} buffer
 * @param {number} seed
 * @param {number} epoch
 */
function bufferOrder(n, buffer, seed, epoch) {
  const waiting = Array.from({ length: Math.min(buffer, n) }, (_, row) => row);
  let following = waiting.length;
  const order = [];
  for (let i = 0; i < n; i++) {
    const place = Math.floor((mulberry32(seed, epoch * n + i) * waiting.length) / 2 ** 32);
    order.push(waiting[place]);
    if (following < n) {
      waiting[place] = following++;
    } else {
      waiting[place] = last(waiting);
      waiting.pop();
    }
  }
  return order;
}

/**
 * @param {number} rows
 * @param {string} how
 * @param {number} buffer
 * @param {number} seed
 * @param {number} epoch
 */
function orderOf(rows, how, buffer, seed, epoch) {
  if (how === "file") return Array.from({ length: rows }, (_, row) => row);
  if (how === "buffer") return bufferOrder(rows, buffer, seed, epoch);
  return [...epochOrder(rows, seed, epoch, how === "replacement")].flatMap((block) => [...(block ?? [])]);
}

/**
 * The examples by their place and row, in batches that can be told apart.
 * @param {number[]} order
 * @param {number} size
 */
function points(order, size) {
  const kinds = ["odd", "even", "short"].map((name) => [name, { ...none(), customdata: /** @type {number[]} */ ([]) }]);
  /** @type {Record<string, { x: number[], y: number[], customdata: number[] }>} */
  const traces = Object.fromEntries(kinds);
  const updates = Math.ceil(order.length / size);
  for (const [place, row] of order.entries()) {
    const number = Math.floor(place / size) + 1;
    const trace = traces[number === updates && order.length % size ? "short" : ["even", "odd"][number % 2]];
    trace.x.push(place + 1);
    trace.y.push(row);
    trace.customdata.push(number);
  }
  return traces;
}

/**
 * Vertical lines between the batches.
 * @param {number} rows
 * @param {number} size
 * @returns {Trace}
 */
function edges(rows, size) {
  const ends = [];
  for (let end = size; end < rows; end += size) ends.push(end + 0.5);
  return { x: ends.flatMap((end) => [end, end, null]), y: ends.flatMap(() => [-1, rows, null]) };
}

/**
 * The rows by how often they are used.
 * @param {number[]} used
 */
function counts(used) {
  const where = (/** @type {(times: number) => boolean} */ right) => {
    const chosen = used.map((_, row) => row).filter((row) => right(used[row]));
    return { x: chosen.map((row) => used[row]), y: chosen };
  };
  return { missed: where((times) => times === 0), once: where((times) => times === 1), repeated: where((times) => times > 1) };
}

/**
 * How many updates, and how long the last batch is.
 * @param {number} rows
 * @param {number} batch
 * @param {number} updates
 * @param {number} rest
 * @returns {Say[number]}
 */
function counted(rows, batch, updates, rest) {
  if (updates === 1) return ["one", { rows }];
  const key = rest === batch ? "equal" : rest === 1 ? "single" : "short";
  return [key, { rows, batch, updates, last: rest }];
}

/**
 * How well the order mixes the rows.
 * @param {number} rows
 * @param {string} how
 * @param {number} buffer
 * @param {number[]} order
 * @param {Record<string, Trace>} traces
 * @param {number} most
 * @returns {Say}
 */
function mixed(rows, how, buffer, order, traces, most) {
  if (how === "replacement") {
    const [missed, repeated] = [traces.missed.y.length, traces.repeated.y.length];
    return [["drawn", { missed, expected: rows * (1 - 1 / rows) ** rows, repeated, most }]];
  }
  if (how === "file") return [["once", {}], ["unmoved", {}]];
  const moved = order.reduce((sum, row, place) => sum + Math.abs(row - place), 0) / rows;
  /** @type {Say} */
  const say = [["once", {}], ["moved", { moved, full: (rows ** 2 - 1) / (3 * rows) }]];
  return how === "buffer" && buffer > 1 && buffer < rows ? [...say, ["reach", { buffer }]] : say;
}
