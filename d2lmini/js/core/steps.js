// Generators that work in slices: they yield while they work, and return what they made; the twin of d2lmini/core/steps.py.

/** @import { Work } from "../types" */

/**
 * Let a generator run to its end and return what it returns.
 * @template Made
 * @param {Work<Made>} work
 */
export function finish(work) {
  let state = work.next();
  while (!state.done) state = work.next();
  return state.value;
}

/**
 * The same work, which only breathes on the way: what it yields is not passed on.
 * @template Made
 * @param {Work<Made>} work
 * @returns {Work<Made, undefined>}
 */
export function* breathing(work) {
  let state = work.next();
  for (; !state.done; state = work.next()) yield undefined;
  return state.value;
}

/**
 * What `work` returns, kept in `known` under its key; done only if it is not there. Of more than `most` the oldest goes.
 * @template Made, Part
 * @param {Map<string, Made>} known
 * @param {string} key
 * @param {Work<Made, Part>} work
 * @returns {Work<Made, Part>}
 */
export function* remembered(known, key, work, most = 100) {
  const found = known.get(key);
  if (found !== undefined) return found;
  const made = yield* work;
  known.set(key, made);
  if (known.size > most) known.delete(/** @type {string} */ (known.keys().next().value));
  return made;
}
