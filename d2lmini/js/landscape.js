// The map of batch size and learning rate, and the path of the weights; twins of d2lmini/landscape.py.

import { CEILING, breathing, optimum, runs } from "./compute.js";
import { sgd, table } from "./engine.js";

const LEVELS = [1, 2, 5, 10, 20, 50]; // per cent above the best possible
const PATH_POINTS = 200; // recorded per epoch, enough to see single steps
const CONTOURS = [0.003, 0.01, 0.03, 0.06, 0.12, 0.25, 0.5, 1]; // half loss above the optimum
const RING = 72; // points on a contour
const REACH = 30; // weights that diverge are cut off here, far outside the picture

/** Boundaries half-way between neighbours on a log axis, and as far beyond the first and the last. */
function edges(centres) {
  const inner = centres.slice(1).map((centre, i) => Math.sqrt(centres[i] * centre));
  return [centres[0] ** 2 / inner[0], ...inner, centres.at(-1) ** 2 / inner.at(-1)];
}

function level(above) {
  if (above === null) return "diverged";
  const i = LEVELS.findIndex((bound) => above <= bound);
  return `level${i < 0 ? LEVELS.length : i}`;
}

/** The final loss of a run for each of `sizes` × `rates`; see d2lmini.landscape.plane. */
export function* plane({ batch, lr, seed, sizes, rates, epochs = 2 }) {
  const best = optimum().loss;
  const chosen = yield* breathing(runs(1500, batch, lr, seed, epochs, 1));
  let say = [["cell_diverged", { batch, lr }]];
  if (chosen.diverged_at === null) {
    const loss = chosen.loss.at(-1);
    say = [["cell", { batch, lr, loss, above: 100 * (loss / best - 1) }]];
  }
  const [across, up] = [edges(sizes), edges(rates)];
  const areas = Object.fromEntries([...LEVELS, 2 * LEVELS.at(-1), null].map((bound) => [level(bound), { x: [], y: [] }]));
  const cells = { x: [], y: [], customdata: [] };
  const result = { traces: { ...areas, cells, chosen: { x: [batch], y: [lr] } }, layout: {}, say };
  for (const [i, size] of sizes.entries()) {
    const isNew = !columns.has([seed, size, epochs, rates].join());
    const losses = yield* column(seed, size, epochs, rates);
    for (const [j, rate] of rates.entries()) {
      const area = areas[level(losses[j] === null ? null : 100 * (losses[j] / best - 1))];
      const [left, right, low, high] = [across[i], across[i + 1], up[j], up[j + 1]];
      area.x.push(left, right, right, left, left, null);
      area.y.push(low, low, high, high, low, null);
      cells.x.push(size);
      cells.y.push(rate);
      cells.customdata.push(losses[j]);
    }
    if (isNew) yield structuredClone(result); // what was handed over does not grow
  }
  yield result;
}

const columns = new Map();
/** The final losses of one batch size, null where training diverged; remembered. */
function* column(seed, size, epochs, rates) {
  const key = [seed, size, epochs, rates].join();
  if (!columns.has(key)) {
    const losses = [];
    for (const lr of rates) {
      const run = yield* breathing(sgd(table(), { batch_size: size, lr, seed, epochs, points_per_epoch: 1 }));
      losses.push(run.diverged_at === null ? run.loss.at(-1) : null);
      yield undefined;
    }
    columns.set(key, losses);
    if (columns.size > 200) columns.delete(columns.keys().next().value);
  }
  return columns.get(key);
}

/** The weights of a run seen along two eigenvectors of the Hessian; see d2lmini.landscape.path. */
export function* path({ batch, lr, seed, across, directions, titles, epochs = 2 }) {
  const { theta, loss: best } = optimum();
  const run = yield* breathing(runs(1500, batch, lr, seed, epochs, PATH_POINTS));
  const pair = [directions.main, directions[across]];
  const [x, y] = pair.map(({ vector }) => run.theta.map((point) => clip(along(vector, point, theta))));
  const inside = (value, [low, high]) => low <= value && value <= high;
  const count = x.filter((at, i) => !inside(at, pair[0].range) || !inside(y[i], pair[1].range)).length;
  const ceiling = CEILING * run.loss[0];
  const peak = Math.max(...run.loss);
  const rings = { x: [], y: [] };
  for (const level of CONTOURS) {
    for (const [key, { curvature }, turn] of [["x", pair[0], Math.cos], ["y", pair[1], Math.sin]]) {
      const radius = Math.sqrt((2 * level) / curvature);
      for (let i = 0; i <= RING; i++) rings[key].push(radius * turn((2 * Math.PI * i) / RING));
      rings[key].push(null);
    }
  }
  const loss = run.loss.at(-1);
  const walked = { batch, lr, updates: run.updates.at(-1), loss, above: 100 * (loss / best - 1) };
  const say = run.diverged_at === null ? [["walked", walked]] : [["lost", { batch, lr, update: run.diverged_at }]];
  if (count) say.push(["outside", { count }]);
  if (peak > ceiling) say.push(["clipped", { ceiling }]);
  const traces = {
    contours: rings,
    path: { x, y },
    start: { x: x.slice(0, 1), y: y.slice(0, 1) },
    end: { x: x.slice(-1), y: y.slice(-1) },
    curve: { x: run.examples.map((e) => e / run.n), y: run.loss.map((value) => Math.min(value, ceiling)) },
  };
  const layout = {
    xaxis2: { range: [0, epochs] },
    yaxis2: { range: [0.2, Math.max(0.55, 1.05 * Math.min(peak, ceiling))] },
    yaxis: { range: directions[across].range, title: { text: titles[across] } },
  };
  yield { traces, layout, say };
}

function along(vector, point, origin) {
  return vector.reduce((sum, v, i) => sum + v * (point[i] - origin[i]), 0);
}

function clip(value) {
  return Math.max(-REACH, Math.min(REACH, value));
}
