// Finds the figures of the built book, draws them, and runs the labs: there is no kernel here.

import airfoil from "../data/airfoil_self_noise.csv";
import { draw, drawAll, play, reserve } from "./chart.js";
import "./check.js"; // wires the forms of the exercises
import * as computations from "./computations.js";
import { element } from "./controls.js";
import { useTable } from "./engine.js";
import { Lab } from "./lab.js";
import { onPaper } from "./paper.js";
import { WORDS } from "./words.js";

const plotlyUrl = new URL("plotly-basic.min.js", document.currentScript.src).href;
const charts = [];
const still = new Set(); // charts that could not come alive
const RETRY = 1000; // milliseconds after which Plotly is asked for anew

let plotly;
/** Plotly, or undefined if it cannot be had now: a later call tries again. */
function loadPlotly() {
  plotly ??= new Promise((resolve) => {
    const script = element("script", { src: plotlyUrl });
    const ended = () => {
      if (!window.Plotly) setTimeout(() => (plotly = undefined), RETRY); // no answer, or not Plotly's
      resolve(window.Plotly);
    };
    script.addEventListener("load", ended);
    script.addEventListener("error", ended);
    document.head.append(script);
  });
  return plotly;
}

addEventListener("online", () => still.forEach((chart) => chart.wake()));

let turn = Promise.resolve();
/** One figure after the other, so that the first is painted before the next is drawn. */
function inTurn(Plotly) {
  const mine = turn.then(() => Plotly);
  turn = mine.then(() => new Promise((resolve) => setTimeout(resolve)));
  return mine;
}

// What shows that somebody is there. Until then the static pictures serve, and nothing is in the way of the text.
const SIGNS = ["pointermove", "pointerdown", "click", "wheel", "scroll", "keydown", "focusin", "input"];
let attend;
const attended = new Promise((resolve) => (attend = resolve));
for (const sign of SIGNS) addEventListener(sign, attend, { once: true, capture: true, passive: true });

const NEAR = 600; // pixels beyond the viewport

function whenNear(node) {
  return new Promise((resolve) => {
    const [place] = node.getClientRects(); // none while hidden
    if (place && place.bottom > -NEAR && place.top < innerHeight + NEAR) return resolve(); // an observer tells only once the page has loaded
    const observer = new IntersectionObserver(
      (entries) => {
        if (!entries.some((entry) => entry.isIntersecting)) return;
        observer.disconnect();
        resolve();
      },
      { rootMargin: `${NEAR}px` },
    );
    observer.observe(node);
  });
}

/** A chart in `box` that comes alive when a reader nears it, and follows the theme and the width of the page. */
class Chart {
  #Plotly;
  #figure;
  #width;
  #sheet; // the width of a chart on paper

  constructor(box, excuse) {
    this.box = box;
    this.note = element("p", { class: "note" }, excuse);
    this.near = attended.then(() => whenNear(box));
    this.near.then(() => this.wake());
    new ResizeObserver(([{ contentRect }]) => {
      if (!contentRect.width) return; // out of sight
      if (this.#width && Math.abs(contentRect.width - this.#width) > 1) this.again();
      this.#width = contentRect.width;
    }).observe(box);
  }

  /** Whether the chart is alive by now; while Plotly cannot be had, its picture stays and a note says why. */
  async wake() {
    const Plotly = this.#Plotly ?? (await loadPlotly().then(inTurn));
    if (!Plotly) {
      still.add(this);
      this.box.after(this.note);
      return false;
    }
    if (!this.#Plotly) this.#live(Plotly);
    return true;
  }

  #live(Plotly) {
    this.#Plotly = Plotly;
    still.delete(this);
    this.note.remove();
    if (this.#figure) this.show(this.#figure);
    still.forEach((chart) => chart.wake());
  }

  show(figure) {
    this.#figure = figure;
    if (still.has(this)) this.wake();
    if (!this.#Plotly) return;
    const isFirst = !this.box.classList.contains("live");
    if (isFirst) this.box.replaceChildren(); // the static picture has served
    draw(this.#Plotly, this.box, figure);
    if (!isFirst) return;
    this.box.classList.add("live");
    this.box.on("plotly_click", ({ points: [{ x, y }] }) => this.onclick?.(x, y));
  }

  again() {
    if (this.#Plotly && this.#figure) drawAll(this.#Plotly, this.box, this.#figure, this.#sheet);
  }

  /** Draw for paper, `width` pixels wide, also what no reader came near to; without a width, for the screen again. */
  print(width) {
    this.#sheet = width;
    if (window.Plotly && !this.#Plotly) this.#live(window.Plotly);
    this.again();
  }

  /** A PNG of what is drawn, on the colour of the page; undefined without Plotly. */
  async picture() {
    if (!(await this.wake())) return undefined;
    const { data, layout } = this.box;
    const [width, height] = [this.box.clientWidth, this.box.clientHeight];
    const paper_bgcolor = getComputedStyle(document.body).backgroundColor;
    const url = await this.#Plotly.toImage({ data, layout: { ...layout, paper_bgcolor } }, { format: "png", width, height, scale: 2 });
    const bytes = Uint8Array.from(atob(url.split(",")[1]), (letter) => letter.charCodeAt(0)); // fetch of a data: URL is forbidden under a strict policy
    return new Blob([bytes], { type: "image/png" });
  }

  play(figure, done) {
    return play(figure, (part) => draw(this.#Plotly, this.box, part), done);
  }
}

const labs = new Map();

/** Read `#name?key=value&…` and set that lab to it; a key that is missing goes to its default. */
function followAddress() {
  const [name, settings] = location.hash.slice(1).split("?");
  const lab = settings === undefined ? undefined : labs.get(name);
  if (!lab) return;
  attend();
  lab.follow(Object.fromEntries(new URLSearchParams(settings)));
  lab.figure.scrollIntoView();
}

/** Where a name comes twice, the second lab is name-2: ids and addresses are of one lab only. */
function nameApart() {
  const taken = new Set();
  for (const { dataset } of document.querySelectorAll("figure.lab")) {
    const { name } = dataset;
    for (let i = 2; taken.has(dataset.name); i++) dataset.name = `${name}-${i}`;
    taken.add(dataset.name);
  }
}

/** The figures to bring to life: all, or with `?embed=name` one lab alone, for an iframe in somebody else's page. */
function found() {
  const all = [...document.querySelectorAll("figure.lab, figure.plot")];
  const name = new URLSearchParams(location.search).get("embed");
  const alone = all.find(({ dataset }) => dataset.name && dataset.name === name);
  if (!alone) return all;
  const whole = element("a", { href: location.pathname, target: "_blank", rel: "noopener" }, document.title);
  alone.append(element("p", { class: "source" }, whole));
  document.body.append(alone);
  document.documentElement.classList.add("embedded");
  return [alone];
}

function enliven(figure) {
  const isLab = figure.matches(".lab");
  const description = JSON.parse(figure.querySelector("script").textContent);
  const chart = new Chart(figure.querySelector(".chart"), isLab ? WORDS.stillLab : WORDS.still);
  charts.push(chart);
  if (description.figure.layout.meta?.narrow?.height) reserve(chart.box, description.figure); // the page kept the place of a wide one
  if (isLab) labs.set(figure.dataset.name, new Lab(figure, description, chart, computations, labs));
  else chart.show(description.figure);
}

useTable(airfoil);
nameApart();
for (const figure of found()) {
  try {
    enliven(figure);
  } catch (error) {
    reportError(error); // and the other figures live
  }
}
followAddress();
addEventListener("hashchange", followAddress);
if (charts.length && location.protocol !== "file:") {
  // Fetched when the page has all else and is painted, not run: so the first sign of a reader finds it here.
  const painted = new PerformanceObserver(() => {
    painted.disconnect();
    document.head.append(element("link", { rel: "prefetch", as: "script", href: plotlyUrl }));
  });
  addEventListener("load", () => painted.observe({ type: "paint", buffered: true }));
}
onPaper(charts, labs);
const redraw = () => charts.forEach((chart) => chart.again());
new MutationObserver(redraw).observe(document.documentElement, { attributeFilter: ["data-theme"] });
matchMedia("(forced-colors: active)").addEventListener("change", redraw);
