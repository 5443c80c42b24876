// How fast each way to multiply two matrices is, against the roofs; the twin of d2lmini/labs/products.py.
// A page cannot time NumPy: it replays what was recorded.

import { duration, scaled } from "./words.js";

/** @import { Axis, Result, Results, Trace } from "../types" */
/** @typedef {{ element: number, row: number, widths: number[], seconds: number[] }} Ways */
/** @typedef {{ machine: Record<string, string>, levels: { upto: number | null, rate: number }[], peak: number,
 *   products: Record<string, Record<string, Ways>> }} Table */
/** @typedef {{ n: number, width: number, library: string, show: string, whose: string, table: Table,
 *   titles: Record<string, string> }} Settings */

/** @type {Record<string, string>} */
const LIBRARIES = { numpy: "NumPy", torch: "PyTorch" };
const NUMBER = 4; // bytes of a float32

/**
 * FLOP as people say them: 512 FLOP, 131 kFLOP, 8.4 MFLOP.
 * @param {number} flop
 */
export function amount(flop) {
  return flop < 1000 ? `${flop} FLOP` : scaled(flop, [["GFLOP", 1e9], ["MFLOP", 1e6], ["kFLOP", 1e3]]);
}

/**
 * FLOP per byte of (n × n)(n × width).
 * @param {number} n
 * @param {number} width
 */
const intensity = (n, width) => (n * width) / (2 * (n + 2 * width));

/** @param {number} n */
const elementIntensity = (n) => (2 * n) / (NUMBER * (2 * n + 1));

/**
 * GFLOP/s of (n × n)(n × n) products that took so many seconds.
 * @param {number} n
 * @param {number[]} seconds
 */
const rates = (n, seconds) => seconds.map((one) => (2 * n * n * n) / 1e9 / one);

/**
 * @param {number} peak
 * @param {number} rate
 * @param {number} flopPerByte
 */
const roof = (peak, rate, flopPerByte) => Math.min(peak, rate * flopPerByte);

/**
 * Each way to multiply under the roofs; see d2lmini.labs.products.
 * @param {Settings} settings
 * @returns {Results}
 */
export function* compute(settings) {
  const { library, whose, table } = settings;
  const { date, processor, [library]: release } = table.machine;
  const source = { date, processor, version: `${LIBRARIES[library]} ${release}` };
  yield drawn(settings, whose === "here" ? ["page", { library: LIBRARIES[library], ...source }] : ["recorded", source]);
}

/**
 * Least and largest FLOP per byte and GFLOP/s of the chart.
 * @param {Table} table
 */
function frame({ products, peak }) {
  const sizes = Object.values(products).flatMap((one) => Object.entries(one).map(([n, ways]) => ({ n: Number(n), ways })));
  const slowest = Math.min(...sizes.map(({ n, ways }) => rates(n, [ways.element])[0]));
  const largest = Math.max(...sizes.map(({ n }) => n));
  return { left: 0.6 * elementIntensity(largest), right: 1.5 * intensity(largest, largest), slowest: slowest / 1.5, fastest: 2 * peak };
}

/**
 * The chart of one table of timings.
 * @param {Settings} settings
 * @param {Result["say"][number]} origin
 * @returns {Result}
 */
function drawn({ n, width: wanted, library, show, table, titles }, origin) {
  const { left, right, slowest, fastest } = frame(table);
  const { levels, peak } = table;
  const ways = table.products[library][n];
  const width = Math.min(wanted, n);
  const byWidth = rates(n, ways.seconds);
  const at = (/** @type {number} */ one) => byWidth[ways.widths.indexOf(one)];
  const [element, row] = rates(n, [ways.element, ways.row]);
  const block = { x: intensity(n, width), rate: at(width) };
  const points = {
    element: { x: elementIntensity(n), rate: element },
    row: { x: intensity(n, 1), rate: row },
    column: { x: intensity(n, 1), rate: at(1) },
    block,
    whole: { x: intensity(n, n), rate: at(n) },
  };
  const bytes = NUMBER * (n * n + 2 * n * width);
  const own = levels.find(({ upto }) => upto === null || bytes <= upto) ?? levels[levels.length - 1];
  const shown = (/** @type {number} */ rate) => (show === "rate" ? rate : (2 * n ** 3) / (rate * 1e9));
  /** The roof that a memory of this rate makes. */
  const line = (/** @type {number} */ rate) => {
    const x = [left, Math.min(Math.max(peak / rate, left), right), right];
    return { x, y: x.map((one) => shown(roof(peak, rate, one))) };
  };
  const below = levels.filter((one) => one !== own).map(({ rate }) => line(rate));
  /** @type {Record<string, Trace>} */
  const traces = {
    others: { x: below.flatMap(({ x }) => [...x, null]), y: below.flatMap(({ y }) => [...y, null]) },
    roof: line(own.rate),
    curve: { x: ways.widths.map((one) => intensity(n, one)), y: byWidth.map(shown) },
  };
  for (const [way, { x, rate }] of Object.entries(points)) traces[way] = { x: [x], y: [shown(rate)] };
  const range = [shown(slowest), shown(fastest)].sort((a, b) => a - b).map(Math.log10);
  /** @type {Record<string, Axis>} */
  const layout = {
    xaxis: { range: [Math.log10(left), Math.log10(right)] },
    yaxis: { range, title: { text: titles[show] }, ticksuffix: show === "rate" ? "" : "s" },
  };
  const said = {
    ...(show === "rate" ? { rate: block.rate } : { time: duration(shown(block.rate)) }),
    library: LIBRARIES[library],
    n,
    width,
    calls: Math.ceil(n / width),
    work: amount(2 * n * n * width),
    times: block.rate / element,
    memory: own.rate,
    share: (100 * block.rate) / roof(peak, own.rate, block.x),
  };
  return { traces, layout, say: [[show, said], origin] };
}
