// One regression written twice, from scratch and with a framework's parts; the twin of d2lmini/twins.py.

import { breathing, curve, optimum, where } from "./compute.js";
import { draw, sgd, table } from "./engine.js";

const CEILING = 4; // times the first loss
const BIAS_DRAW = 1e9; // far beyond the draws that order the rows, so that bias and order have nothing in common
const POINTS = 100; // recorded per epoch

/** A bias as nn.Linear draws it; see d2lmini.twins.random_bias. */
function randomBias(seed, inputs) {
  return ((2 * draw(seed, BIAS_DRAW)) / 2 ** 32 - 1) / Math.sqrt(inputs);
}

/** The loss of the scratch version and of the concise one; see d2lmini.twins.concise. */
export function* concise({ batch, lr, seed, half, zero_bias, epochs = 2 }) {
  const data = table();
  const bias = zero_bias ? 0 : randomBias(seed, data.width - 1);
  const init = [...new Array(data.width - 1).fill(0), bias];
  const settings = { batch_size: batch, seed, epochs, points_per_epoch: POINTS };
  const scratch = yield* breathing(sgd(data, { ...settings, lr }));
  const other = yield* breathing(sgd(data, { ...settings, lr: half ? lr : 2 * lr, init }));
  const best = optimum().loss;
  const ceiling = CEILING * scratch.loss[0];
  const line = (run) => curve(run, where(run, batch, "epochs", [0, 0]), false, ceiling);
  const curves = { scratch: line(scratch), concise: line(other) };
  const top = Math.max(0.55, 1.05 * Math.max(...curves.scratch.y, ...curves.concise.y));
  const traces = { ...curves, optimum: { x: [0, epochs], y: [best, best] } };
  const layout = { xaxis: { range: [0, epochs] }, yaxis: { range: [0.2, top] } };
  const say = [];
  if (scratch.diverged_at !== null) say.push(["scratch_failed", { update: scratch.diverged_at }]);
  if (other.diverged_at !== null) say.push(["concise_failed", { update: other.diverged_at }]);
  if (!say.length) {
    const apart = scratch.loss.map((loss, i) => Math.abs(loss - other.loss[i]));
    const most = Math.max(...apart);
    const differ = ["differ", { most, update: scratch.updates[apart.indexOf(most)], left: apart.at(-1) }];
    say.push(most > 0 ? differ : ["same", { loss: scratch.loss.at(-1) }]);
  }
  if (!half) say.push(["doubled", { lr: 2 * lr }]);
  if (!zero_bias) say.push(["bias", { bias }]);
  const leaves = ({ diverged_at, loss }) => diverged_at !== null || Math.max(...loss) > ceiling;
  if (leaves(scratch) || leaves(other)) say.push(["clipped", { ceiling }]);
  yield { traces, layout, say };
}
