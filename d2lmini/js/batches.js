// Which rows land in which batch of an epoch; the twin of d2lmini/batches.py.

import { draw, epochOrder } from "./engine.js";

/** The order of an epoch shuffled through a buffer; see d2lmini.batches.buffer_order. */
function bufferOrder(n, buffer, seed, epoch) {
  const waiting = Array.from({ length: Math.min(buffer, n) }, (_, row) => row);
  let following = waiting.length;
  const order = [];
  for (let i = 0; i < n; i++) {
    const place = Math.floor((draw(seed, epoch * n + i) * waiting.length) / 2 ** 32);
    order.push(waiting[place]);
    if (following < n) {
      waiting[place] = following++;
    } else {
      waiting[place] = waiting.at(-1);
      waiting.pop();
    }
  }
  return order;
}

/** Every example of an epoch as a point, and how often each row is used; see d2lmini.batches.batches. */
export function* batches({ rows, batch, how, buffer, seed, epoch }) {
  const order = orderOf(rows, how, buffer, seed, epoch - 1);
  const size = Math.min(batch, rows);
  const updates = Math.ceil(rows / size);
  const last = rows - (updates - 1) * size;
  const points = Object.fromEntries(["odd", "even", "short"].map((name) => [name, { x: [], y: [], customdata: [] }]));
  const used = new Array(rows).fill(0);
  for (const [place, row] of order.entries()) {
    const number = Math.floor(place / size) + 1;
    const kind = number === updates && last < size ? "short" : ["even", "odd"][number % 2];
    points[kind].x.push(place + 1);
    points[kind].y.push(row);
    points[kind].customdata.push(number);
    used[row] += 1;
  }
  const edges = { x: [], y: [] };
  for (let end = size; end < rows; end += size) {
    edges.x.push(end + 0.5, end + 0.5, null);
    edges.y.push(-1, rows, null);
  }
  const where = (right) => {
    const chosen = used.map((_, row) => row).filter((row) => right(used[row]));
    return { x: chosen.map((row) => used[row]), y: chosen };
  };
  const traces = {
    ...points,
    edges,
    reach: { x: [], y: [] },
    missed: where((times) => times === 0),
    once: where((times) => times === 1),
    repeated: where((times) => times > 1),
  };
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
  const say = [counted(rows, size, updates, last), ...mixed(rows, how, buffer, order, traces, most)];
  yield { traces, layout, say };
}

function orderOf(rows, how, buffer, seed, epoch) {
  if (how === "file") return Array.from({ length: rows }, (_, row) => row);
  if (how === "buffer") return bufferOrder(rows, buffer, seed, epoch);
  return [...epochOrder(rows, seed, epoch, how === "replacement")].flatMap((block) => [...(block ?? [])]);
}

/** How many updates, and how long the last batch is. */
function counted(rows, batch, updates, last) {
  if (updates === 1) return ["one", { rows }];
  const key = last === batch ? "equal" : last === 1 ? "single" : "short";
  return [key, { rows, batch, updates, last }];
}

/** How well the order mixes the rows. */
function mixed(rows, how, buffer, order, traces, most) {
  if (how === "replacement") {
    const [missed, repeated] = [traces.missed.y.length, traces.repeated.y.length];
    return [["drawn", { missed, expected: rows * (1 - 1 / rows) ** rows, repeated, most }]];
  }
  if (how === "file") return [["once", {}], ["unmoved", {}]];
  const moved = order.reduce((sum, row, place) => sum + Math.abs(row - place), 0) / rows;
  const say = [["once", {}], ["moved", { moved, full: (rows ** 2 - 1) / (3 * rows) }]];
  return how === "buffer" && buffer > 1 && buffer < rows ? [...say, ["reach", { buffer }]] : say;
}
