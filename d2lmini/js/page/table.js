// The numbers behind a chart, a table for each of its panels; the twin of d2lmini/figures/table.py.

import { sentence } from "../core/format.js";
import { element, part } from "./elements.js";
import { WORDS } from "./words.js";

/** @import { Axis, Figure, Layout, PlotlyTrace } from "../types" */
/** @typedef {string | number | null} Cell */
/** @typedef {{ name: string, heads: string[], rows: Cell[][] }} Panel what each column of the rows holds, say the heads */

/**
 * The axis "x", "y", "x2", … of a layout.
 * @param {Layout} layout
 * @param {string} axis
 */
function axisOf(layout, axis) {
  return /** @type {Axis} */ (layout[`${axis[0]}axis${axis.slice(1)}`] ?? {});
}

/**
 * The title of an axis, of one that it matches, or its letter.
 * @param {Layout} layout
 * @param {string} axis
 * @returns {string}
 */
function title(layout, axis) {
  const { title: own, matches } = axisOf(layout, axis);
  return own?.text || (matches ? title(layout, matches) : axis[0]);
}

/**
 * The figure's numbers, some `most` of each line and its last; areas of a colour have none, but their points have.
 * @param {Figure} figure
 * @returns {Panel[]}
 */
export function panels({ data, layout }, most = Infinity) {
  /** @type {Map<string, PlotlyTrace[]>} */
  const found = new Map();
  for (const trace of data) {
    const { x, xaxis = "x", visible, fill } = trace;
    if (x?.length && visible !== false && fill !== "toself") found.set(xaxis, [...(found.get(xaxis) ?? []), trace]);
  }
  return [...found.values()].map((traces) => panel(traces, layout, most));
}

/**
 * @param {PlotlyTrace[]} traces
 * @param {Layout} layout
 * @param {number} most
 * @returns {Panel}
 */
function panel(traces, layout, most) {
  const { names = {}, customdata: held = {} } = layout.meta ?? {};
  const [{ xaxis = "x", yaxis = "y" }] = traces;
  const heading = headingOf(layout, xaxis);
  const [x, own] = [title(layout, xaxis), title(layout, yaxis)];
  const y = own === "y" ? heading || own : own;
  const more = [...new Set(traces.flatMap(({ meta = "" }) => held[meta] ?? []))];
  const rows = traces.flatMap((trace) => {
    const { meta = "", x: across = [], y: up = [], customdata = [] } = trace;
    const name = names[meta] ?? trace.name ?? "";
    const places = across.map((_, i) => i).filter((i) => across[i] !== null && up[i] !== null);
    const step = Math.max(1, Math.ceil(places.length / most));
    const some = places.filter((_, i) => i % step === 0 || i === places.length - 1);
    return some.map((i) => [name, across[i], up[i], ...more.map((head) => (head === held[meta] ? customdata[i] : null))]);
  });
  return { name: heading || sentence(WORDS.panel, { x, y }), heads: [WORDS.line, x, y, ...more], rows };
}

/**
 * What stands above the panel of an x-axis; panels stand side by side.
 * @param {Layout} layout
 * @param {string} axis
 */
function headingOf(layout, axis) {
  const { domain: [left, right] = [0, 1] } = axisOf(layout, axis);
  const note = layout.annotations?.find(({ xref, yref, x }) => xref === "paper" && yref === "paper" && x >= left && x <= right);
  return note?.text ?? "";
}

/**
 * Show them below a figure, with a caption for each where there are several.
 * @param {HTMLElement} figure
 * @param {Panel[]} all
 */
export function tabulate(figure, all) {
  const cell = (/** @type {Cell} */ value) =>
    element("td", {}, typeof value === "number" ? String(Number(value.toPrecision(5))) : (value ?? ""));
  const tables = all.map(({ name, heads, rows }) => {
    const head = element("tr", {}, ...heads.map((text) => element("th", { scope: "col" }, text)));
    const body = rows.map((row) => element("tr", {}, ...row.map(cell)));
    const caption = all.length > 1 ? [element("caption", {}, name)] : [];
    return element("table", {}, ...caption, element("thead", {}, head), element("tbody", {}, ...body));
  });
  part(figure, ".numbers").replaceChildren(...tables);
}
