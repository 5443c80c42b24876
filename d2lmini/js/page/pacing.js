// Computing in slices between frames, so that the page stays awake.

/** @import { Result, Results } from "../types" */

const REST = 150; // milliseconds without a new value before anything more than the first result is computed
const SLICE = 9; // milliseconds of computing in one frame
const FRAME = 100; // milliseconds between two drawings of a result that grows

/**
 * Compute: the first result is shown at once, of later ones the newest now and then, and the last; returns a function that stops it.
 * @param {Results} results
 * @param {(result: Result) => void} show
 * @param {(failed: boolean) => void} ended
 */
export function inSlices(results, show, ended) {
  let isFirst = true; // the first result is still to come
  /** @type {Result | undefined} */
  let pending; // not shown yet
  let shown = 0; // when a result was
  let timer = 0;
  let frame = 0;

  const showPending = () => {
    if (!pending) return;
    show(pending);
    pending = undefined;
    shown = performance.now();
  };
  const slice = () => {
    const until = performance.now() + SLICE;
    do {
      const { value, done } = results.next();
      pending = value ?? pending;
      if (done) {
        showPending();
        ended(false);
        return;
      }
    } while (performance.now() < until && !(isFirst && pending));
    if (isFirst && pending) {
      isFirst = false;
      showPending();
      timer = setTimeout(attempt, REST);
    } else {
      if (performance.now() - shown > FRAME) showPending();
      frame = requestAnimationFrame(attempt);
    }
  };
  const attempt = () => {
    try {
      slice();
    } catch (error) {
      ended(true);
      throw error;
    }
  };

  attempt();
  return () => {
    clearTimeout(timer);
    cancelAnimationFrame(frame);
  };
}
