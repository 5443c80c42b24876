// The lab of products; twin of d2lmini/vectorization.py. A page cannot time NumPy: it replays what was recorded.

import { format } from "./chart.js";
import { duration } from "./compute.js";

const LIBRARIES = { numpy: "NumPy", torch: "PyTorch" };
const NUMBER = 4; // bytes of a float32

/** FLOP as people say them: 512 FLOP, 131 kFLOP, 8.4 MFLOP. */
export function amount(flop) {
  const units = [["GFLOP", 1e9], ["MFLOP", 1e6], ["kFLOP", 1e3], ["FLOP", 1]];
  const [unit, size] = units.find(([, size]) => flop >= size || size === 1);
  const value = flop / size;
  return `${format(value, value >= 10 || size === 1 ? ".0f" : ".1f")} ${unit}`;
}

const intensity = (n, width) => (n * width) / (2 * (n + 2 * width)); // FLOP per byte of (n × n)(n × width)
const elementIntensity = (n) => (2 * n) / (NUMBER * (2 * n + 1));
const rates = (n, seconds) => seconds.map((one) => (2 * n * n * n) / 1e9 / one);
const roof = (peak, rate, flopPerByte) => Math.min(peak, rate * flopPerByte);

/** Each way to multiply under the roofs; see d2lmini.vectorization.products_and_roofs. */
export function* products_and_roofs({ n, width, library, show, whose, table, titles }) {
  const { date, processor, [library]: release } = table.machine;
  const source = { date, processor, version: `${LIBRARIES[library]} ${release}` };
  const origin = whose === "here" ? ["page", { library: LIBRARIES[library], ...source }] : ["recorded", source];
  yield drawn(n, width, library, show, table, frame(table), titles, origin);
}

/** Least and largest FLOP per byte and GFLOP/s of the chart. */
function frame({ products, peak }) {
  const sizes = Object.values(products).flatMap((one) => Object.entries(one).map(([n, ways]) => [Number(n), ways]));
  const slowest = Math.min(...sizes.map(([n, ways]) => rates(n, [ways.element])[0]));
  const largest = Math.max(...sizes.map(([n]) => n));
  return [0.6 * elementIntensity(largest), 1.5 * intensity(largest, largest), slowest / 1.5, 2 * peak];
}

/** The chart of one table of timings. */
function drawn(n, wanted, library, show, { levels, peak, products }, [left, right, slowest, fastest], titles, origin) {
  const ways = products[library][n];
  const width = Math.min(wanted, n);
  const byWidth = rates(n, ways.seconds);
  const at = (one) => byWidth[ways.widths.indexOf(one)];
  const [element, row] = rates(n, [ways.element, ways.row]);
  const points = {
    element: [elementIntensity(n), element],
    row: [intensity(n, 1), row],
    column: [intensity(n, 1), at(1)],
    block: [intensity(n, width), at(width)],
    whole: [intensity(n, n), at(n)],
  };
  const bytes = NUMBER * (n * n + 2 * n * width);
  const own = levels.find(({ upto }) => upto === null || bytes <= upto);
  const shown = (rate) => (show === "rate" ? rate : (2 * n ** 3) / (rate * 1e9));
  const roofline = (rate) => {
    const x = [left, Math.min(Math.max(peak / rate, left), right), right];
    return { x, y: x.map((one) => shown(roof(peak, rate, one))) };
  };
  const others = { x: [], y: [] };
  for (const level of levels.filter((one) => one !== own)) {
    const line = roofline(level.rate);
    others.x.push(...line.x, null);
    others.y.push(...line.y, null);
  }
  const traces = {
    others,
    roof: roofline(own.rate),
    curve: { x: ways.widths.map((one) => intensity(n, one)), y: byWidth.map(shown) },
  };
  for (const [way, [x, y]] of Object.entries(points)) traces[way] = { x: [x], y: [shown(y)] };
  const range = [shown(slowest), shown(fastest)].sort((a, b) => a - b).map(Math.log10);
  const layout = {
    xaxis: { range: [Math.log10(left), Math.log10(right)] },
    yaxis: { range, title: { text: titles[show] }, ticksuffix: show === "rate" ? "" : "s" },
  };
  const [x, rate] = points.block;
  const said = {
    ...(show === "rate" ? { rate } : { time: duration(shown(rate)) }),
    library: LIBRARIES[library],
    n,
    width,
    calls: Math.ceil(n / width),
    work: amount(2 * n * n * width),
    times: rate / element,
    memory: own.rate,
    share: (100 * rate) / roof(peak, own.rate, x),
  };
  return { traces, layout, say: [[show, said], origin] };
}
