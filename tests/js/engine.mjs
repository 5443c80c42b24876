// [{what, …}, …] in: what each asks of the engine, answered in the same order.
import { readFileSync } from "node:fs";
import { epochOrder, minibatchSgd, mulberry32 } from "../../d2lmini/js/core/engine.js";
import { asData, table, useTable } from "../../d2lmini/js/core/rows.js";
import { finish } from "../../d2lmini/js/core/steps.js";

useTable(readFileSync(new URL("../../d2lmini/data/airfoil_self_noise.csv", import.meta.url), "utf8"));

/** The labs' first n rows. */
function firstRows(n) {
  const { A, y, width } = table();
  const rows = Array.from({ length: n }, (_, i) => [...A.subarray(i * width, (i + 1) * width - 1)]);
  return asData(rows, y.subarray(0, n));
}

/** The generator as bryc published it, with its state: the oracle of `mulberry32`. */
function published(a) {
  return function () {
    a |= 0; a = a + 0x6D2B79F5 | 0;
    var t = Math.imul(a ^ a >>> 15, 1 | a);
    t = t + Math.imul(t ^ t >>> 7, 61 | t) ^ t;
    return ((t ^ t >>> 14) >>> 0) / 4294967296;
  };
}

const harmonic = (t, epoch) => 0.5 ** epoch / (1 + 0.01 * t);

const answers = {
  table: () => ({ ...table(), A: [...table().A], y: [...table().y] }),
  run: ({ n, settings }) => finish(minibatchSgd(firstRows(n), { ...settings, schedule: settings.schedule && harmonic })),
  order: ({ n, seed, epoch, replacement }) =>
    [...epochOrder(n, seed, epoch, replacement)].filter(Boolean).flatMap((rows) => [...rows]),
  draws: ({ seed, start, count }) => Array.from({ length: count }, (_, i) => mulberry32(seed, start + i)),
  published: ({ seed, count }) => {
    const next = published(seed);
    return Array.from({ length: count }, () => next() * 2 ** 32);
  },
};

const jobs = JSON.parse(readFileSync(0, "utf8"));
process.stdout.write(JSON.stringify(jobs.map((job) => answers[job.what](job))));
