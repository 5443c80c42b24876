// What a reader takes away: the numbers as CSV, and files.

import { element } from "./elements.js";
import { panels } from "./table.js";
import { WORDS } from "./words.js";

/** @import { Figure } from "../types" */

const MARK = "\ufeff"; // tells Excel that the text is UTF-8

/**
 * The numbers as CSV (RFC 4180), all digits: a column for each quantity, and one for the panel where there are several.
 * @param {Figure} figure
 */
export function csv(figure) {
  const all = panels(figure);
  const quantities = [...new Set(all.flatMap(({ heads: [, ...heads] }) => heads))];
  const rows = all.flatMap(({ name, heads, rows: own }) =>
    own.map((row) => [name, row[0], ...quantities.map((head) => row[heads.indexOf(head, 1)] ?? "")]),
  );
  const table = [[WORDS.panels, WORDS.line, ...quantities], ...rows].map((row) => (all.length > 1 ? row : row.slice(1)));
  return new Blob([MARK, ...table.map((row) => `${row.map(field).join(",")}\r\n`)], { type: "text/csv" });
}

/**
 * A field of a CSV; a text that a spreadsheet would take for a formula is kept a text.
 * @param {string | number | null} value
 */
function field(value) {
  const text = typeof value === "string" ? value.replace(/^[=+@\t\r-]/, "'$&") : String(value);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
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
