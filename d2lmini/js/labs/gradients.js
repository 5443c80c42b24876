// 300 minibatch gradients around the full one, beside their noise at every batch size; the twin of d2lmini/labs/gradients.py.

import { epochOrder } from "../core/engine.js";
import { table } from "../core/rows.js";
import { remembered } from "../core/steps.js";
import { last, level, none } from "./runs.js";

/** @import { Line, Results, Say, Work } from "../types" */
/** @typedef {{ n: number, width: number, full: Float64Array, away: Float64Array }} Gradients */

const DRAWS = 300;
const MOST_DRAWS = 20; // kept: each takes two thirds of a megabyte
const TURNS = 72; // points on the ellipse
const SIGMAS = 2; // standard deviations that the ellipse shows
const REACH = 4; // standard deviations of this batch size to the edge of the picture, with `zoom`
const FIXED = 10; // without, the picture keeps the scale that suits this batch size for all larger ones
const GAPS = [400, 300, 200, 100, 50, 20, 10, 5, 3, 2, 1]; // to all rows, at which theory's curve has points too
const LOWEST = 0.003; // of the axis of spreads; what is smaller lies below the picture
const ROUNDING = 1e-12; // a full gradient that is shorter than this part of its examples' spread is zero but for rounding

/**
 * 300 minibatch gradients, theory's ellipse, and the noise at all `sizes`; see d2lmini.labs.gradients.
 * @param {{ batch: number, replacement: boolean, where: string, seed: number, zoom: boolean, sizes: number[],
 *   places: Record<string, { theta: number[], along: number[], across: number[], titles: [string, string] }> }} settings
 * @returns {Results}
 */
export function* compute({ batch, replacement, where, seed, zoom, places, sizes }) {
  const place = places[where];
  const rows = gradients(place.theta);
  const { n, width, full, away } = rows;
  const trace = away.reduce((sum, value) => sum + value * value, 0) / n;
  const signal = along(place.along, full);
  const isZero = along([...full], full) <= ROUNDING ** 2 * trace;
  const spread = (/** @type {number} */ b, /** @type {boolean} */ replaced) =>
    Math.sqrt((trace / b) * (replaced ? 1 : (n - b) / (n - 1)));

  const key = [seed, replacement, place.theta, sizes].join();
  const draws = yield* remembered(known, key, drawsOf(rows, seed, replacement, sizes), MOST_DRAWS);
  const measured = sizes.map((_, s) => {
    let sum = 0;
    for (let k = 0; k < DRAWS; k++) {
      for (let j = 0; j < width; j++) sum += draws[(k * sizes.length + s) * width + j] ** 2;
    }
    return Math.sqrt(sum / DRAWS);
  });
  const theory = sizes.map((b) => spread(b, replacement));
  const chosen = sizes.indexOf(batch);
  const seen = none();
  for (let k = 0; k < DRAWS; k++) {
    const at = (k * sizes.length + chosen) * width;
    seen.x.push(signal + along(place.along, draws, at));
    seen.y.push(along(place.across, draws, at));
  }
  const scale = spread(batch, replacement) / Math.sqrt(trace); // of this batch, against a single example
  const moments = momentsOf(rows, place.along, place.across);
  const shown = zoom && scale > 0 ? scale : 1 / Math.sqrt(Math.min(batch, FIXED));
  const radius = REACH * Math.sqrt(Math.max(moments.variance, moments.other)) * shown;
  const some = sizes.map((_, i) => i).filter((i) => theory[i] > 0);
  const ends = [sizes[0], last(sizes)];
  const curve = [...new Set([...sizes, ...GAPS.map((gap) => n - gap)])].sort((a, b) => a - b).slice(0, -1);
  const traces = {
    ellipse: ellipse(moments, scale, signal),
    draws: seen,
    flat: isZero ? none() : { x: [0, 0], y: [-radius, radius] },
    full: { x: [signal], y: [0] },
    with: { x: ends, y: ends.map((b) => spread(b, true)) },
    without: { x: curve, y: curve.map((b) => spread(b, false)) },
    signal: isZero ? none() : level(signal, ends[0], ends[1]),
    measured: { x: some.map((i) => sizes[i]), y: some.map((i) => measured[i]) },
    chosen: scale > 0 ? { x: [batch], y: [measured[chosen]] } : none(),
  };
  const [xtitle, ytitle] = place.titles;
  const layout = {
    xaxis: { range: [signal - radius, signal + radius], title: { text: xtitle } },
    yaxis: { range: [-radius, radius], title: { text: ytitle } },
    yaxis2: { range: [Math.log10(LOWEST), Math.log10(1.5 * Math.sqrt(trace))] },
  };
  const say = noise(batch, measured[chosen], theory[chosen]);
  const downhill = (100 * seen.x.filter((x) => x > 0).length) / DRAWS;
  say.push(isZero ? ["noise", {}] : ["signal", { signal, downhill }]);
  const count = seen.x.filter((x, k) => Math.abs(x - signal) > radius || Math.abs(seen.y[k]) > radius).length;
  if (count) say.push(["outside", { count }]);
  yield { traces, layout, say };
}

/**
 * The full gradient at theta, and how far from it each example's lies (flat).
 * @param {number[]} theta
 * @returns {Gradients}
 */
function gradients(theta) {
  const { A, y, m: n, width } = table();
  const away = new Float64Array(n * width);
  const full = new Float64Array(width);
  for (let i = 0; i < n; i++) {
    const at = i * width;
    let error = -y[i];
    for (let j = 0; j < width; j++) error += A[at + j] * theta[j];
    for (let j = 0; j < width; j++) full[j] += away[at + j] = error * A[at + j];
  }
  for (let j = 0; j < width; j++) full[j] /= n;
  for (let at = 0; at < away.length; at++) away[at] -= full[at % width];
  return { n, width, full, away };
}

/**
 * The product of a vector and the entries of `flat` from `at` on.
 * @param {number[]} vector
 * @param {Float64Array} flat
 */
function along(vector, flat, at = 0) {
  return vector.reduce((sum, v, j) => sum + v * flat[at + j], 0);
}

/** @type {Map<string, Float64Array>} */
const known = new Map();

/**
 * Each draw's distance from the full gradient at every size, flat in the order draw, size, weight.
 * @param {Gradients} rows
 * @param {number} seed
 * @param {boolean} replacement
 * @param {number[]} sizes
 * @returns {Work<Float64Array, undefined>}
 */
function* drawsOf({ n, width, away }, seed, replacement, sizes) {
  const draws = new Float64Array(DRAWS * sizes.length * width);
  const sums = new Float64Array(width);
  let at = 0;
  for (let k = 0; k < DRAWS; k++) {
    sums.fill(0);
    let count = 0;
    let next = 0;
    for (const order of epochOrder(n, seed, k, replacement)) {
      for (const row of order ?? []) {
        for (let j = 0; j < width; j++) sums[j] += away[row * width + j];
        if (++count !== sizes[next]) continue;
        for (let j = 0; j < width; j++) draws[at++] = sums[j] / count;
        next++;
      }
    }
    if (k % 5 === 4) yield undefined;
  }
  return draws;
}

/**
 * Variances of single examples in two directions, and their covariance.
 * @param {Gradients} rows
 * @param {number[]} one
 * @param {number[]} two
 */
function momentsOf({ n, width, away }, one, two) {
  const moments = { variance: 0, covariance: 0, other: 0 };
  for (let i = 0; i < n; i++) {
    const [u, v] = [along(one, away, i * width), along(two, away, i * width)];
    moments.variance += (u * u) / n;
    moments.covariance += (u * v) / n;
    moments.other += (v * v) / n;
  }
  return moments;
}

/**
 * Where theory expects the draws: SIGMAS standard deviations around the full gradient.
 * @param {{ variance: number, covariance: number, other: number }} moments
 * @param {number} scale
 * @param {number} signal
 * @returns {Line}
 */
function ellipse({ variance, covariance, other }, scale, signal) {
  const slant = covariance / Math.sqrt(variance);
  const rest = Math.sqrt(Math.max(other - slant ** 2, 0));
  const ring = none();
  for (let i = 0; scale > 0 && i <= TURNS; i++) {
    const [u, v] = [Math.cos((2 * Math.PI * i) / TURNS), Math.sin((2 * Math.PI * i) / TURNS)];
    ring.x.push(signal + SIGMAS * scale * Math.sqrt(variance) * u);
    ring.y.push(SIGMAS * scale * (slant * u + rest * v));
  }
  return ring;
}

/**
 * How far the draws lie from the full gradient, and how far theory says.
 * @param {number} batch
 * @param {number} measured
 * @param {number} theory
 * @returns {Say}
 */
function noise(batch, measured, theory) {
  if (theory === 0) return [["exact", { batch, measured }]];
  return [["spread", { batch, draws: DRAWS, measured, theory, ratio: measured / theory }]];
}
