// Learning-rate schedules: factors on the rate of update t (from 1) in an epoch (from 0); the twin of d2lmini/core/schedules.py.

/** @import { Schedule } from "../types" */

const TINY = 1e-30; // a rate can become negligible, but not zero

/** @returns {Schedule} */
export const constant = () => () => 1;

/**
 * @param {number} alpha
 * @returns {Schedule}
 */
export const power = (alpha, delay = 0) => (t) => Math.max(((t + delay) / (1 + delay)) ** alpha, TINY);

/**
 * @param {number} gamma
 * @returns {Schedule}
 */
export const exponential = (gamma, per = "epoch") => (t, epoch) => Math.max(gamma ** (per === "epoch" ? epoch : t - 1), TINY);

/** @returns {Schedule} */
export const step = (divide = 10, every = 1) => (t, epoch) => Math.max((1 / divide) ** Math.floor(epoch / every), TINY);

/**
 * @param {number} updates
 * @returns {Schedule}
 */
export const cosine = (updates) => (t) => Math.max((1 + Math.cos((Math.PI * (Math.min(t, updates) - 1)) / updates)) / 2, TINY);

/**
 * @param {number} updates
 * @returns {Schedule}
 */
export const warmUp = (updates, then = constant()) => (t, epoch) => Math.min(1, updates ? t / updates : 1) * then(t, epoch);

/**
 * The batch size of each epoch; see d2lmini.core.schedules.
 * @param {number} batchSize
 * @param {number} epochs
 */
export function growing(batchSize, epochs, factor = 10, every = 1, largest = 1500) {
  return Array.from({ length: epochs }, (_, epoch) => Math.min(largest, batchSize * factor ** Math.floor(epoch / every)));
}
