// Plotly, loaded when it is needed.

import { element } from "./elements.js";

/** @import { Plotly } from "../types" */

const RETRY = 1000; // milliseconds after which Plotly is asked for anew
const own = /** @type {HTMLScriptElement} */ (document.currentScript); // as the page runs no module
export const plotlyUrl = new URL("plotly-basic.min.js", own.src).href;

/** @type {Promise<Plotly | undefined> | undefined} */
let coming;

/** Plotly, or undefined if it cannot be had now: a later call tries again. */
export function loadPlotly() {
  coming ??= new Promise((resolve) => {
    const script = element("script", { src: plotlyUrl });
    const ended = () => {
      if (!window.Plotly) setTimeout(() => (coming = undefined), RETRY); // no answer, or not Plotly's
      resolve(window.Plotly);
    };
    script.addEventListener("load", ended);
    script.addEventListener("error", ended);
    document.head.append(script);
  });
  return coming;
}

/** Plotly is fetched when the page has all else and is painted, not run: so the first sign of a reader finds it here. */
export function prefetchPlotly() {
  const painted = new PerformanceObserver(() => {
    painted.disconnect();
    document.head.append(element("link", { rel: "prefetch", as: "script", href: plotlyUrl }));
  });
  addEventListener("load", () => painted.observe({ type: "paint", buffered: true }));
}
