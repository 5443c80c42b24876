// Draws. The page imports the named functions; the kernel's Chart widget takes the default export.
// A widget's module cannot import another file, so this one imports nothing.

const CONFIG = { displayModeBar: false };
const NARROW = 560; // pixels; below this a figure's layout.meta.narrow applies
const PLAY_SECONDS = 3;

/** Take `changes` into `target`, object by object; lists and values are replaced. */
function merged(target, changes) {
  const result = { ...target };
  for (const [key, value] of Object.entries(changes ?? {})) {
    const isObject = value && typeof value === "object" && !Array.isArray(value);
    result[key] = isObject ? merged(target?.[key] ?? {}, value) : value;
  }
  return result;
}

const copy = (object) => merged({}, object);

/** The figure with a result in it: each trace whose meta the result names takes the changes, the layout its own. */
export function fill({ data, layout }, { traces, layout: changes }) {
  const filled = data.map((trace) => {
    const change = traces[trace.meta];
    return change ? { ...trace, ...change, visible: change.x.length > 0 } : trace;
  });
  return { data: filled, layout: merged(layout, changes) };
}

/** A value in the part of Python's format language that sentences use: "", ",", ".2f", ",.1f", ".3g". */
export function format(value, spec) {
  const [, comma, digits, kind] = /^(,?)(?:\.(\d+))?([fg]?)$/.exec(spec);
  if (typeof value === "string") return value;
  const text = kind === "g" ? general(value, digits) : kind === "f" ? fixed(value, Number(digits)) : String(value);
  return comma ? text.replace(/\B(?=(\d{3})+(?!\d))(?<!\.\d*)/g, ",") : text;
}

/** `value.toFixed(digits)`, but of two numbers equally near the even one, as in Python: 11.25 gives 11.2. */
function fixed(value, digits) {
  const isTie = Number.isInteger(value * 2 ** (digits + 1)) && value.toFixed(digits + 1).endsWith("5");
  const near = value.toFixed(digits);
  return isTie && near.at(-1) % 2 ? value.toFixed(digits + 1).replace(/\.?5$/, "") : near;
}

/** Python's "g": 0.05, 12, 1e-05, 1e+02. */
function general(value, digits) {
  const [number, power] = value.toExponential(digits - 1).split("e");
  if (Number(power) >= -4 && Number(power) < digits) return String(Number(fixed(value, digits - 1 - power)));
  return `${Number(number)}e${power[0]}${power.slice(1).padStart(2, "0")}`;
}

/** What a result says, from its sentences' templates. */
export function sentences(templates, say) {
  const one = ([key, values]) => templates[key].replace(/\{(\w+):?([^}]*)\}/g, (_, name, spec) => format(values[name], spec));
  return say.map(one).join(" ");
}

const POINTS = ["x", "y", "customdata"]; // what a moved slider changes most often
const AT_ONCE = { mode: "immediate", transition: { duration: 0 }, frame: { duration: 0, redraw: false } };
const drawn = new WeakMap(); // the figure in a box

function same(a, b) {
  if (a === b) return true;
  if (typeof a !== "object" || typeof b !== "object" || !a || !b) return false;
  const keys = Object.keys(a);
  return keys.length === Object.keys(b).length && keys.every((key) => same(a[key], b[key]));
}

/** The traces to draw again because of new points, if nothing else differs between two figures and no axis has to follow; else undefined. */
function newPoints(before, { data, layout }) {
  if (before?.data.length !== data.length || !same(before.layout, layout)) return undefined;
  const axes = data.flatMap(({ xaxis = "x", yaxis = "y" }) => [xaxis, yaxis]);
  if (!axes.every((axis) => layout[`${axis[0]}axis${axis.slice(1)}`]?.range)) return undefined;
  const others = (trace) => ({ ...trace, ...Object.fromEntries(POINTS.map((key) => [key, undefined])) });
  if (!data.every((trace, i) => trace === before.data[i] || same(others(trace), others(before.data[i])))) return undefined;
  const first = data.findIndex((trace, i) => !POINTS.every((key) => same(trace[key], before.data[i][key])));
  return first < 0 ? [] : data.map((_, i) => i).slice(first); // Plotly lays what it draws over the rest: later traces come along
}

/** Draw a Plotly figure; where only points moved in what was drawn there, axes and legend stay, which is three times faster. */
export function draw(Plotly, box, figure) {
  const moved = newPoints(drawn.get(box), figure);
  if (!moved) return drawAll(Plotly, box, figure);
  drawn.set(box, figure);
  if (!moved.length) return undefined;
  const points = moved.map((i) => Object.fromEntries(POINTS.filter((key) => key in figure.data[i]).map((key) => [key, figure.data[i][key]])));
  const interrupted = () => {}; // by a newer drawing
  return Plotly.animate(box, { data: points, traces: moved }, AT_ONCE).catch(interrupted);
}

/** A layout for a width, with its height. */
function fitted(layout, width) {
  const narrow = width < NARROW ? layout.meta?.narrow : undefined;
  const size = { width: width || undefined, height: layout.template?.layout?.height }; // Plotly itself follows the window alone
  return { ...size, ...merged(copy(layout), narrow) };
}

/** Keep the place in `box` that a figure will take there. */
export function reserve(box, { layout }) {
  box.style.minHeight = `${fitted(layout, box.clientWidth).height}px`;
}

/** Draw a whole Plotly figure in the colours and the typeface of its surroundings, as wide as these or `width`. */
export function drawAll(Plotly, box, figure, width = box.clientWidth) {
  const { data, layout } = figure;
  drawn.set(box, figure);
  const { color: ink, fontFamily: family } = getComputedStyle(box); // rgb(r, g, b)
  const faint = ink.replace("rgb(", "rgba(").replace(")", ", 0.15)");
  const axis = { gridcolor: faint, linecolor: faint, zerolinecolor: faint };
  const given = layout.template?.layout ?? {};
  const template = {
    ...layout.template,
    layout: {
      ...given,
      font: { ...given.font, color: ink, family },
      xaxis: { ...given.xaxis, ...axis },
      yaxis: { ...given.yaxis, ...axis },
    },
  };
  const whole = { ...fitted(layout, width), template };
  box.style.minHeight = `${whole.height}px`;
  box.style.contain = "layout style inline-size"; // a curve moves nothing else, and its box can narrow
  return Plotly.react(box, data.map(copy), whole, CONFIG); // Plotly writes into what it gets
}

/** The figure with only the first `part` (0 to 1) of the traces that layout.meta.play names. */
export function begun({ data, layout }, part) {
  const playing = layout.meta?.play ?? [];
  const cut = (trace) => {
    const count = Math.max(1, Math.ceil(part * trace.x.length));
    return { ...trace, x: trace.x.slice(0, count), y: trace.y.slice(0, count), mode: "lines+markers", marker: lastOnly(trace, count) };
  };
  return { data: data.map((trace) => (playing.includes(trace.meta) && trace.x.length > 1 ? cut(trace) : trace)), layout };
}

/** Markers of which only the newest is seen. */
function lastOnly(trace, count) {
  return { ...trace.marker, size: Array.from({ length: count }, (_, i) => (i === count - 1 ? 9 : 0)) };
}

/** Draw a figure's run from its beginning, and at last whole; returns a function that stops it. */
export function play(figure, drawPart, done) {
  const began = performance.now();
  const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
  let frame;
  let drawn = -Infinity;
  const step = (now) => {
    const part = (now - began) / 1000 / PLAY_SECONDS;
    if (part >= 1) {
      drawPart(figure);
      done();
      return;
    }
    if (now - drawn > (still ? 750 : 30)) {
      drawPart(begun(figure, Math.max(part, 0)));
      drawn = now;
    }
    frame = requestAnimationFrame(step);
  };
  frame = requestAnimationFrame(step);
  return () => cancelAnimationFrame(frame);
}

/** JupyterLab has no Plotly to share: the kernel's first chart brings a copy, and later ones can ask for it. */
function loaded(bytes) {
  return new Promise((resolve, reject) => {
    const src = URL.createObjectURL(new Blob([bytes], { type: "text/javascript" }));
    const onload = () => resolve(globalThis.Plotly);
    document.head.append(Object.assign(document.createElement("script"), { src, onload, onerror: reject }));
  });
}

function plotlyFromKernel(model) {
  return new Promise((resolve, reject) => {
    const receive = (message, [bytes]) => {
      if (message !== "plotly") return;
      model.off("msg:custom", receive);
      loaded(bytes).then(resolve, reject);
    };
    model.on("msg:custom", receive);
    model.send("plotly");
  });
}

function plotly(model) {
  const library = model.get("library");
  if (library?.byteLength) globalThis.plotlyForLabs ??= loaded(library);
  return (globalThis.plotlyForLabs ??= plotlyFromKernel(model));
}

async function render({ model, el }) {
  el.append(Object.assign(document.createElement("p"), { className: "gone", textContent: model.get("words").gone }));
  const box = el.appendChild(document.createElement("div"));
  const below = el.appendChild(document.createElement("p"));
  const Plotly = globalThis.Plotly ?? (await plotly(model));
  let stop = () => {};
  const filled = () => fill(model.get("figure"), model.get("result"));
  const redraw = () => {
    stop();
    draw(Plotly, box, filled());
    below.textContent = model.get("failed") ? model.get("words").failed : sentences(model.get("sentences"), model.get("result").say ?? []);
  };
  let width = box.clientWidth;
  const resized = new ResizeObserver(() => {
    if (!box.clientWidth || Math.abs(box.clientWidth - width) <= 1) return;
    width = box.clientWidth;
    stop();
    drawAll(Plotly, box, filled());
  });
  const replay = (message) => {
    if (message !== "play") return;
    stop();
    stop = play(filled(), (figure) => draw(Plotly, box, figure), () => {});
  };
  redraw();
  resized.observe(box);
  box.on?.("plotly_click", ({ points: [{ x, y }] }) => model.send({ click: { x, y } }));
  for (const name of ["result", "failed"]) model.on(`change:${name}`, redraw);
  model.on("msg:custom", replay);
  return () => {
    stop();
    resized.disconnect();
    for (const name of ["result", "failed"]) model.off(`change:${name}`, redraw);
    model.off("msg:custom", replay);
    Plotly.purge(box);
  };
}

export default { render };
