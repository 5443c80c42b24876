// Where a reader is. Until somebody is there, the static pictures serve, and nothing is in the way of the text.

const SIGNS = ["pointermove", "pointerdown", "click", "wheel", "scroll", "keydown", "focusin", "input"];
const NEAR = 600; // pixels beyond the viewport

/** Somebody is there. */
export let attend = () => {};
/** @type {Promise<void>} */
const attended = new Promise((resolve) => (attend = resolve));
for (const sign of SIGNS) addEventListener(sign, attend, { once: true, capture: true, passive: true });

/**
 * Wait until somebody comes near a node.
 * @param {Element} node
 */
export async function nearing(node) {
  await attended;
  await inReach(node);
}

/**
 * @param {Element} node
 * @returns {Promise<void>}
 */
function inReach(node) {
  return new Promise((resolve) => {
    const [place] = node.getClientRects(); // none while hidden
    if (place && place.bottom > -NEAR && place.top < innerHeight + NEAR) return resolve(); // an observer tells only once the page has loaded
    const observer = new IntersectionObserver(
      (entries) => {
        if (!entries.some((entry) => entry.isIntersecting)) return;
        observer.disconnect();
        resolve();
      },
      { rootMargin: `${NEAR}px` },
    );
    observer.observe(node);
  });
}
