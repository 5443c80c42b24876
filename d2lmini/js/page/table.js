// The numbers behind a chart, as a table.

import { element, part } from "./elements.js";
import { WORDS } from "./words.js";

/** @import { Figure, PlotlyTrace } from "../types" */
/** @typedef {{ heads: string[], rows: (string | number)[][] }} Table */

/**
 * A row [line, x, y] for each point that is seen, or for some `most` of each line and its last.
 * @param {Figure} figure
 * @returns {Table}
 */
export function points({ data, layout }, most = Infinity) {
  const seen = data.filter(({ x, visible }) => x?.length && visible !== false).map(rowsOf);
  const rows = seen.flatMap((all) => all.filter((_, i) => i % Math.max(1, Math.ceil(all.length / most)) === 0 || i === all.length - 1));
  return { heads: [WORDS.line, layout.xaxis?.title?.text ?? WORDS.x, layout.yaxis?.title?.text ?? WORDS.y], rows };
}

/** @param {PlotlyTrace} trace */
function rowsOf({ name = "", x = [], y = [] }) {
  return x.flatMap((at, i) => {
    const value = y[i];
    return at === null || value === null ? [] : [[name, at, value]];
  });
}

/**
 * Show them in the table of a figure.
 * @param {HTMLElement} figure
 * @param {Table} table
 */
export function tabulate(figure, { heads, rows }) {
  const cell = (/** @type {string | number} */ value) =>
    element("td", {}, typeof value === "number" ? String(Number(value.toPrecision(5))) : value);
  figure.querySelectorAll("th").forEach((head, i) => (head.textContent = heads[i]));
  part(figure, "tbody").replaceChildren(...rows.map((row) => element("tr", {}, ...row.map(cell))));
}
