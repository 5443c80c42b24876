// Draws. The page imports the named functions; the kernel's Chart widget takes the default export.
// A widget's module cannot import another file, so this one imports nothing.

/** @import { Dict, Drawing, Figure, Heard, Layout, Model, Plot, Plotly, PlotlyTrace } from "../types" */

const NARROW = 560; // pixels; below this a figure's layout.meta.narrow applies
const PLAY_SECONDS = 3;

/** @param {unknown} value @returns {value is Dict} */
const isDict = (value) => typeof value === "object" && value !== null && !Array.isArray(value);

/** Take `changes` into `target`, object by object; lists and values are replaced. @type {<T extends Dict>(target: T, changes?: Dict) => T} */
function merged(target, changes = {}) {
  const taken = Object.entries(changes).map(([key, value]) => {
    const old = target[key];
    return [key, isDict(value) ? merged(isDict(old) ? old : {}, value) : value];
  });
  return { ...target, ...Object.fromEntries(taken) };
}

/** @type {<T extends Dict>(dict: T) => T} */
const copy = (dict) => merged(dict, dict);

/**
 * The figure with a result in it: each trace whose meta the result names takes the changes, the layout its own.
 * @type {(figure: Figure, result: Drawing) => Figure}
 */
export function filled({ data, layout }, { traces, layout: changes }) {
  const fill = (/** @type {PlotlyTrace} */ trace) => {
    const change = traces[trace.meta ?? ""];
    return change ? { ...trace, ...change, visible: change.x.length > 0 } : trace;
  };
  return { data: data.map(fill), layout: merged(layout, changes) };
}

const AT_ONCE = { mode: "immediate", transition: { duration: 0 }, frame: { duration: 0, redraw: false } };
/** @type {("x" | "y" | "customdata")[]} */
const POINTS = ["x", "y", "customdata"]; // what a moved slider changes most often
/** @type {WeakMap<Plot, Figure>} */
const figures = new WeakMap(); // that were drawn, by their boxes

/** Whether two values say the same in JSON. @type {(a: any, b: any) => boolean} any: of unknown keys */
function same(a, b) {
  if (a === b) return true;
  if (typeof a !== "object" || typeof b !== "object" || !a || !b) return false;
  const keys = Object.keys(a);
  return keys.length === Object.keys(b).length && keys.every((key) => same(a[key], b[key]));
}

/**
 * The traces to draw again because of new points, if nothing else differs between two figures and no axis has to follow; else undefined.
 * @type {(before: Figure | undefined, figure: Figure) => number[] | undefined}
 */
function newPoints(before, { data, layout }) {
  if (before?.data.length !== data.length || !same(before.layout, layout)) return undefined;
  const axes = data.flatMap(({ xaxis = "x", yaxis = "y" }) => [layout[`xaxis${xaxis.slice(1)}`], layout[`yaxis${yaxis.slice(1)}`]]);
  if (!axes.every((axis) => isDict(axis) && axis.range)) return undefined;
  const others = (/** @type {PlotlyTrace} */ trace) => ({ ...trace, x: null, y: null, customdata: null });
  if (!data.every((trace, i) => trace === before.data[i] || same(others(trace), others(before.data[i])))) return undefined;
  const first = data.findIndex((trace, i) => !POINTS.every((key) => same(trace[key], before.data[i][key])));
  return first < 0 ? [] : data.map((_, i) => i).slice(first); // Plotly lays what it draws over the rest: later traces come along
}

/**
 * Draw a Plotly figure; where only points moved in what was drawn there, axes and legend stay, which is three times faster.
 * @type {(Plotly: Plotly, box: Plot, figure: Figure) => void}
 */
export function draw(Plotly, box, figure) {
  const moved = newPoints(figures.get(box), figure);
  if (!moved) return drawAll(Plotly, box, figure);
  figures.set(box, figure);
  if (!moved.length) return;
  const pointsOf = (/** @type {PlotlyTrace} */ trace) => Object.fromEntries(POINTS.filter((key) => key in trace).map((key) => [key, trace[key]]));
  Plotly.animate(box, { data: moved.map((i) => pointsOf(figure.data[i])), traces: moved }, AT_ONCE).catch((error) => {
    if (error) throw error; // without one it was interrupted by a newer drawing
  });
}

/** A layout for a width, with its height. @type {(layout: Layout, width: number) => Layout} */
function fitted(layout, width) {
  const narrow = width < NARROW ? layout.meta?.narrow : undefined;
  const size = { width: width || undefined, height: layout.template?.layout?.height }; // Plotly itself follows the window alone
  return { ...size, ...copy(merged(layout, narrow)) };
}

/** Keep the place in `box` that a figure will take there. @type {(box: Plot, figure: Figure) => void} */
export function reserve(box, { layout }) {
  box.style.minHeight = `${fitted(layout, box.clientWidth).height}px`;
}

/**
 * Draw a whole Plotly figure in the colours and the typeface of its surroundings, as wide as these or `width`.
 * @type {(Plotly: Plotly, box: Plot, figure: Figure, width?: number) => void}
 */
export function drawAll(Plotly, box, figure, width = box.clientWidth) {
  figures.set(box, figure);
  const { color: ink, fontFamily: family } = getComputedStyle(box); // rgb(r, g, b)
  const faint = ink.replace("rgb(", "rgba(").replace(")", ", 0.15)");
  const axis = { gridcolor: faint, linecolor: faint, zerolinecolor: faint };
  const own = { template: { layout: { font: { color: ink, family }, xaxis: axis, yaxis: axis } } };
  const layout = merged(fitted(figure.layout, width), own);
  box.style.minHeight = `${layout.height}px`;
  box.style.contain = "layout style inline-size"; // a curve moves nothing else, and its box can narrow
  Plotly.react(box, figure.data.map(copy), layout, { displayModeBar: false }); // Plotly writes into what it gets
}

/** The figure with only the first `part` (0 to 1) of the traces that layout.meta.play names. @type {(figure: Figure, part: number) => Figure} */
function begun({ data, layout }, part) {
  const cut = (/** @type {PlotlyTrace} */ trace) => {
    const { x = [], y = [], meta = "" } = trace;
    if (!layout.meta?.play?.includes(meta) || x.length < 2) return trace;
    const count = Math.max(1, Math.ceil(part * x.length));
    const size = Array.from({ length: count }, (_, i) => (i === count - 1 ? 9 : 0)); // only the newest marker is seen
    return { ...trace, x: x.slice(0, count), y: y.slice(0, count), mode: "lines+markers", marker: { ...trace.marker, size } };
  };
  return { data: data.map(cut), layout };
}

/**
 * Draw a figure's run from its beginning, and at last whole; returns a function that stops it.
 * @type {(figure: Figure, drawPart: (part: Figure) => void, done: () => void) => () => void}
 */
export function play(figure, drawPart, done) {
  const began = performance.now();
  const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
  let last = -Infinity;
  const step = (/** @type {number} */ now) => {
    const part = (now - began) / 1000 / PLAY_SECONDS;
    if (part >= 1) {
      drawPart(figure);
      return done();
    }
    if (now - last > (still ? 750 : 30)) {
      drawPart(begun(figure, Math.max(part, 0)));
      last = now;
    }
    frame = requestAnimationFrame(step);
  };
  let frame = requestAnimationFrame(step);
  return () => cancelAnimationFrame(frame);
}

/** Plotly, from the bytes of its script. @type {(bytes: DataView<ArrayBuffer>) => Promise<Plotly>} */
function loaded(bytes) {
  return new Promise((resolve, reject) => {
    const src = URL.createObjectURL(new Blob([bytes], { type: "text/javascript" }));
    const ended = () => {
      URL.revokeObjectURL(src);
      if (globalThis.Plotly) resolve(globalThis.Plotly);
      else reject(new Error("Plotly could not be loaded"));
    };
    document.head.append(Object.assign(document.createElement("script"), { src, onload: ended, onerror: ended }));
  });
}

/** @type {(model: Model) => Promise<DataView<ArrayBuffer>>} */
function bytesFromKernel(model) {
  return new Promise((resolve) => {
    /** @type {Heard} */
    const receive = (message, [bytes]) => {
      if (message !== "plotly") return;
      model.off("msg:custom", receive);
      resolve(bytes);
    };
    model.on("msg:custom", receive);
    model.send("plotly");
  });
}

/** JupyterLab has no Plotly to share: a kernel's first chart brings a copy, and later ones can ask for it. @param {Model} model */
function plotly(model) {
  const library = model.get("library");
  if (library?.byteLength) globalThis.plotlyForLabs = loaded(library); // whatever an older kernel still owes
  const coming = (globalThis.plotlyForLabs ??= bytesFromKernel(model).then(loaded));
  coming.catch(() => {
    if (globalThis.plotlyForLabs === coming) globalThis.plotlyForLabs = undefined; // the next chart asks anew
  });
  return coming;
}

/** @type {(context: { model: Model, el: HTMLElement }) => Promise<() => void>} */
async function render({ model, el }) {
  const { gone, failed } = model.get("words");
  el.append(Object.assign(document.createElement("p"), { className: "gone", textContent: gone }));
  /** @type {Plot} */
  const box = el.appendChild(document.createElement("div"));
  const below = el.appendChild(document.createElement("p"));
  const Plotly = globalThis.Plotly ?? (await plotly(model));
  let stop = () => {};
  const figure = () => filled(model.get("figure"), model.get("result"));
  const redraw = () => {
    stop();
    draw(Plotly, box, figure());
    below.textContent = model.get("failed") ? failed : model.get("said");
  };
  let width = box.clientWidth;
  const resized = new ResizeObserver(() => {
    if (!box.clientWidth || Math.abs(box.clientWidth - width) <= 1) return;
    width = box.clientWidth;
    stop();
    drawAll(Plotly, box, figure());
  });
  const replay = (/** @type {unknown} */ message) => {
    if (message !== "play") return;
    stop();
    stop = play(figure(), (part) => draw(Plotly, box, part), () => {});
  };
  redraw();
  resized.observe(box);
  box.on?.("plotly_click", ({ points: [{ x, y }] }) => model.send({ click: { x, y } }));
  const heard = { "change:result": redraw, "change:failed": redraw, "msg:custom": replay };
  for (const [event, act] of Object.entries(heard)) model.on(event, act);
  return () => {
    stop();
    resized.disconnect();
    for (const [event, act] of Object.entries(heard)) model.off(event, act);
    Plotly.purge(box);
  };
}

export default { render };
