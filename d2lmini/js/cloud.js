// A cloud of minibatch gradients around the full one, beside its spread at every batch size; the twin of d2lmini/cloud.py.

import { epochOrder, table } from "./engine.js";

const DRAWS = 300;
const TURNS = 72; // points on the ellipse
const SIGMAS = 2; // standard deviations that the ellipse shows
const REACH = 4; // standard deviations of this batch size to the edge of the picture, with `zoom`
const FIXED = 10; // without, the picture keeps the scale that suits this batch size for all larger ones
const LOWEST = 0.003; // of the axis of spreads; what is smaller lies below the picture
const ROUNDING = 1e-12; // a full gradient that is shorter than this part of its examples' spread is zero but for rounding

/** {n, width, full, away}: the full gradient at theta, and how far from it each example's lies (flat). */
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

/** The product of a vector and the entries of `flat` from `at` on. */
function along(vector, flat, at = 0) {
  return vector.reduce((sum, v, j) => sum + v * flat[at + j], 0);
}

/** 300 minibatch gradients, theory's ellipse, and the spread at all `sizes`; see d2lmini.cloud.cloud. */
export function* cloud({ batch, replacement, where, seed, zoom, places, sizes }) {
  const place = places[where];
  const { n, width, full, away } = gradients(place.theta);
  const trace = away.reduce((sum, value) => sum + value * value, 0) / n;
  const signal = along(place.along, full);
  const isZero = along([...full], full) <= ROUNDING ** 2 * trace;
  let [variance, covariance, other] = [0, 0, 0];
  for (let i = 0; i < n; i++) {
    const [u, v] = [along(place.along, away, i * width), along(place.across, away, i * width)];
    variance += (u * u) / n;
    covariance += (u * v) / n;
    other += (v * v) / n;
  }
  const spread = (b, replaced) => Math.sqrt((trace / b) * (replaced ? 1 : (n - b) / (n - 1)));

  const draws = yield* drawn(away, n, width, seed, replacement, place.theta, sizes);
  const measured = sizes.map((_, s) => {
    let sum = 0;
    for (let k = 0; k < DRAWS; k++) {
      for (let j = 0; j < width; j++) sum += draws[(k * sizes.length + s) * width + j] ** 2;
    }
    return Math.sqrt(sum / DRAWS);
  });
  const theory = sizes.map((b) => spread(b, replacement));
  const chosen = sizes.indexOf(batch);
  const seen = { x: [], y: [] };
  for (let k = 0; k < DRAWS; k++) {
    const at = (k * sizes.length + chosen) * width;
    seen.x.push(signal + along(place.along, draws, at));
    seen.y.push(along(place.across, draws, at));
  }
  const scale = spread(batch, replacement) / Math.sqrt(trace); // of this batch, against a single example
  const shown = zoom && scale > 0 ? scale : 1 / Math.sqrt(Math.min(batch, FIXED));
  const radius = REACH * Math.sqrt(Math.max(variance, other)) * shown;
  const slant = covariance / Math.sqrt(variance);
  const rest = Math.sqrt(Math.max(other - slant ** 2, 0));
  const ring = { x: [], y: [] };
  for (let i = 0; scale > 0 && i <= TURNS; i++) {
    const [u, v] = [Math.cos((2 * Math.PI * i) / TURNS), Math.sin((2 * Math.PI * i) / TURNS)];
    ring.x.push(signal + SIGMAS * scale * Math.sqrt(variance) * u);
    ring.y.push(SIGMAS * scale * (slant * u + rest * v));
  }

  const some = sizes.map((_, i) => i).filter((i) => theory[i] > 0);
  const ends = [sizes[0], sizes.at(-1)];
  const gaps = [400, 300, 200, 100, 50, 20, 10, 5, 3, 2, 1].map((gap) => n - gap);
  const curve = [...new Set([...sizes, ...gaps])].sort((a, b) => a - b).slice(0, -1);
  const none = { x: [], y: [] };
  const traces = {
    ellipse: ring,
    draws: seen,
    flat: isZero ? none : { x: [0, 0], y: [-radius, radius] },
    full: { x: [signal], y: [0] },
    with: { x: ends, y: ends.map((b) => spread(b, true)) },
    without: { x: curve, y: curve.map((b) => spread(b, false)) },
    signal: isZero ? none : { x: ends, y: [signal, signal] },
    measured: { x: some.map((i) => sizes[i]), y: some.map((i) => measured[i]) },
    chosen: scale > 0 ? { x: [batch], y: [measured[chosen]] } : none,
  };
  const [xtitle, ytitle] = place.titles;
  const layout = {
    xaxis: { range: [signal - radius, signal + radius], title: { text: xtitle } },
    yaxis: { range: [-radius, radius], title: { text: ytitle } },
    yaxis2: { range: [Math.log10(LOWEST), Math.log10(1.5 * Math.sqrt(trace))] },
  };
  const values = { batch, draws: DRAWS, measured: measured[chosen], theory: theory[chosen] };
  const say = [["exact", { batch, measured: measured[chosen] }]];
  if (scale > 0) say[0] = ["spread", { ...values, ratio: measured[chosen] / theory[chosen] }];
  const downhill = (100 * seen.x.filter((x) => x > 0).length) / DRAWS;
  say.push(isZero ? ["noise", {}] : ["signal", { signal, downhill }]);
  const count = seen.x.filter((x, k) => Math.abs(x - signal) > radius || Math.abs(seen.y[k]) > radius).length;
  if (count) say.push(["outside", { count }]);
  yield { traces, layout, say };
}

const known = new Map();
/** Each draw's distance from the full gradient at every size, flat in the order draw, size, weight; remembered. */
function* drawn(away, n, width, seed, replacement, theta, sizes) {
  const key = [seed, replacement, theta, sizes].join();
  if (!known.has(key)) {
    const draws = new Float64Array(DRAWS * sizes.length * width);
    const sums = new Float64Array(width);
    let at = 0;
    for (let k = 0; k < DRAWS; k++) {
      sums.fill(0);
      let count = 0;
      let next = 0;
      for (const rows of epochOrder(n, seed, k, replacement)) {
        if (!rows) continue;
        for (const row of rows) {
          for (let j = 0; j < width; j++) sums[j] += away[row * width + j];
          if (++count !== sizes[next]) continue;
          for (let j = 0; j < width; j++) draws[at++] = sums[j] / count;
          next++;
        }
      }
      if (k % 5 === 4) yield undefined;
    }
    known.set(key, draws);
    if (known.size > 20) known.delete(known.keys().next().value);
  }
  return known.get(key);
}
