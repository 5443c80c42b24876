// What a reader takes away: the numbers as CSV, and files.

import { element } from "./elements.js";
import { points } from "./table.js";

/** @import { Figure } from "../types" */

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
