// The path of the weights over contours of the loss, and the loss of the same run; the twin of d2lmini/labs/path.py.

import { TRAINING_ROWS } from "../core/rows.js";
import { breathing } from "../core/steps.js";
import { bestPossible } from "../core/theory.js";
import { above, below, ceiling, clipped, curve, last, runs, where } from "./runs.js";

/** @import { Results, Say } from "../types" */
/** @typedef {{ vector: number[], curvature: number, range: [number, number] }} Direction */

const POINTS = 200; // recorded per epoch, enough to see single steps
const CONTOURS = [0.003, 0.01, 0.03, 0.06, 0.12, 0.25, 0.5, 1]; // half loss above the optimum
const RING = 72; // points on a contour
const REACH = 30; // weights that diverge are cut off here, far outside the picture

/**
 * The weights of a run seen along two eigenvectors of the Hessian; see d2lmini.labs.path.
 * @param {{ batch: number, lr: number, seed: number, across: string, directions: Record<string, Direction>,
 *   titles: Record<string, string>, epochs?: number }} settings
 * @returns {Results}
 */
export function* compute({ batch, lr, seed, across, directions, titles, epochs = 2 }) {
  const run = yield* breathing(runs(TRAINING_ROWS, batch, lr, seed, epochs, POINTS));
  const [main, other] = [directions.main, directions[across]];
  const [x, y] = [main, other].map(({ vector }) => run.theta.map((point) => clip(along(vector, point))));
  const isInside = (/** @type {number} */ value, /** @type {[number, number]} */ [low, high]) => low <= value && value <= high;
  const count = x.filter((at, i) => !isInside(at, main.range) || !isInside(y[i], other.range)).length;
  const edge = ceiling();
  const loss = last(run.loss);
  /** @type {Say} */
  const say = [["walked", { batch, lr, updates: last(run.updates), loss, above: above(loss) }]];
  if (run.diverged_at !== null) say[0] = ["diverged", { batch, lr, update: run.diverged_at }];
  if (count) say.push(["outside", { count }]);
  const losses = curve(run, where(run, batch, "epochs"), below(edge));
  const traces = {
    contours: { x: rings(main, Math.cos), y: rings(other, Math.sin), customdata: CONTOURS.flatMap((level) => [...Array(RING + 1).fill(level), null]) },
    path: { x, y },
    start: { x: x.slice(0, 1), y: y.slice(0, 1) },
    end: { x: x.slice(-1), y: y.slice(-1) },
    curve: losses,
  };
  const layout = {
    xaxis2: { range: [0, epochs] },
    yaxis2: { range: [0.2, Math.max(0.55, 1.05 * Math.max(...losses.y))] },
    yaxis: { range: other.range, title: { text: titles[across] } },
  };
  yield { traces, layout, say: [...say, ...clipped([run], edge)] };
}

/**
 * One coordinate of all contours.
 * @param {Direction} direction
 * @param {(angle: number) => number} turn
 */
function rings({ curvature }, turn) {
  return CONTOURS.flatMap((level) => {
    const radius = Math.sqrt((2 * level) / curvature);
    return [...Array.from({ length: RING + 1 }, (_, i) => radius * turn((2 * Math.PI * i) / RING)), null];
  });
}

/**
 * How far the weights lie from the best ones in this direction.
 * @param {number[]} vector
 * @param {number[]} point
 */
function along(vector, point) {
  const { theta } = bestPossible();
  return vector.reduce((sum, v, i) => sum + v * (point[i] - theta[i]), 0);
}

/** @param {number} value */
function clip(value) {
  return Math.max(-REACH, Math.min(REACH, value));
}
