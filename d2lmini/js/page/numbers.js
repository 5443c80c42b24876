// The numbers behind a chart: its table, and files to take away.

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

/**
 * The numbers as CSV (RFC 4180), all digits; a text that a spreadsheet would take for a formula is kept a text.
 * @param {Figure} figure
 */
export function csv(figure) {
  const { heads, rows } = points(figure);
  const field = (/** @type {string | number} */ value) => {
    const text = typeof value === "string" ? value.replace(/^[=+@-]/, "'$&") : String(value);
    return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
  };
  return new Blob([[heads, ...rows].map((row) => `${row.map(field).join(",")}\r\n`).join("")], { type: "text/csv" });
}

/**
 * Hand a file to the reader.
 * @param {string} name
 * @param {Blob} blob
 */
export function save(name, blob) {
  const href = URL.createObjectURL(blob);
  element("a", { href, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(href), 60_000); // the browser may still be asking where to
}
