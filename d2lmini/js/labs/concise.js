// One regression written twice, from scratch and with a framework's parts; the twin of d2lmini/labs/concise.py.

import { minibatchSgd, mulberry32 } from "../core/engine.js";
import { table } from "../core/rows.js";
import { breathing } from "../core/steps.js";
import { bestPossible } from "../core/theory.js";
import { below, ceiling, clipped, curve, last, level, where } from "./runs.js";

/** @import { Results, Run, Say } from "../types" */

const BIAS_DRAW = 1e9; // far beyond the draws that order the rows, so that bias and order have nothing in common
const POINTS = 100; // recorded per epoch

/**
 * A bias as nn.Linear draws it; see d2lmini.labs.concise.
 * @param {number} seed
 * @param {number} inputs
 */
function randomBias(seed, inputs) {
  return ((2 * mulberry32(seed, BIAS_DRAW)) / 2 ** 32 - 1) / Math.sqrt(inputs);
}

/**
 * The loss of the scratch version and of the concise one; see d2lmini.labs.concise.
 * @param {{ batch: number, lr: number, seed: number, half: boolean, zero_bias: boolean, epochs?: number }} settings
 * @returns {Results}
 */
export function* compute({ batch, lr, seed, half, zero_bias, epochs = 2 }) {
  const data = table();
  const bias = zero_bias ? 0 : randomBias(seed, data.width - 1);
  const init = [...new Array(data.width - 1).fill(0), bias];
  const settings = { batch_size: batch, seed, epochs, points_per_epoch: POINTS };
  const scratch = yield* breathing(minibatchSgd(data, { ...settings, lr }));
  const concise = yield* breathing(minibatchSgd(data, { ...settings, lr: half ? lr : 2 * lr, init }));
  const edge = ceiling();
  const line = (/** @type {Run} */ run) => curve(run, where(run, batch, "epochs"), below(edge));
  const curves = { scratch: line(scratch), concise: line(concise) };
  const top = Math.max(0.55, 1.05 * Math.max(...curves.scratch.y, ...curves.concise.y));
  const traces = { ...curves, optimum: level(bestPossible().loss, 0, epochs) };
  const layout = { xaxis: { range: [0, epochs] }, yaxis: { range: [0.2, top] } };
  const say = compared(scratch, concise);
  if (!half) say.push(["doubled", { lr: 2 * lr }]);
  if (!zero_bias) say.push(["bias", { bias }]);
  yield { traces, layout, say: [...say, ...clipped([scratch, concise], edge)] };
}

/**
 * How far apart the two curves are, or which of them diverged.
 * @param {Run} scratch
 * @param {Run} concise
 * @returns {Say}
 */
function compared(scratch, concise) {
  /** @type {Say} */
  const say = [];
  if (scratch.diverged_at !== null) say.push(["scratch_diverged", { update: scratch.diverged_at }]);
  if (concise.diverged_at !== null) say.push(["concise_diverged", { update: concise.diverged_at }]);
  if (say.length) return say;
  const apart = scratch.loss.map((loss, i) => Math.abs(loss - concise.loss[i]));
  const most = Math.max(...apart);
  if (most === 0) return [["same", { loss: last(scratch.loss) }]];
  return [["differ", { most, update: scratch.updates[apart.indexOf(most)], left: last(apart) }]];
}
