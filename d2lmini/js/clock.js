// What an update costs in this browser. One run takes a millisecond or two and clocks tick at 0.1 ms, so many are timed together.

import { epochOrder, sgd, table } from "./engine.js";

const LONG_ENOUGH = 30; // milliseconds timed for one figure
const known = new Map();

/** Seconds a call of `work` takes, over as many calls as fill LONG_ENOUGH; yields between them. */
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

/** [seconds of an update, seconds of an epoch's shuffle] for batches of `batch` out of `rows` rows of the repeated table. */
export function* here(rows, batch) {
  const key = `${rows} ${batch}`;
  if (!known.has(key)) {
    const data = table();
    const size = Math.min(batch, data.m);
    const updates = Math.max(1, Math.floor(data.m / size));
    const part = { ...data, m: updates * size }; // whole batches only
    const shuffle = yield* shuffleOf(rows);
    const pass = yield* repeated(() => {
      for (const _ of sgd(part, { batch_size: size, lr: 1e-4, epochs: 1, points_per_epoch: 1 }));
    });
    const own = size === part.m ? 0 : yield* shuffleOf(part.m); // a pass over all rows draws no order
    known.set(key, [(Math.max(pass - own, pass / 10) / updates) * (batch / size), shuffle]);
  }
  return known.get(key);
}

function* shuffleOf(rows) {
  if (!known.has(rows)) {
    let seconds;
    if (rows <= 15_000) {
      seconds = yield* repeated(() => {
        for (const _ of epochOrder(rows, 0, 0));
      });
    } else {
      seconds = 0;
      const order = epochOrder(rows, 0, 0);
      for (let done = false; !done; ) {
        const began = performance.now();
        ({ done } = order.next());
        seconds += (performance.now() - began) / 1000;
        yield undefined;
      }
    }
    known.set(rows, seconds);
  }
  return known.get(rows);
}
