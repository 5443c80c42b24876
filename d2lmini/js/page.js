// Finds the figures of the built book, draws them, and runs the labs: there is no kernel here.

import airfoil from "../data/airfoil_self_noise.csv";
import { draw, drawAll, play } from "./chart.js";
import "./check.js"; // wires the forms of the exercises
import * as computations from "./computations.js";
import { element } from "./controls.js";
import { useTable } from "./engine.js";
import { Lab } from "./lab.js";

const plotlyUrl = new URL("plotly-basic.min.js", document.currentScript.src).href;
const redraws = new Set();

let plotly;
function loadPlotly() {
  plotly ??= new Promise((resolve, reject) => {
    const onload = () => resolve(window.Plotly);
    document.head.append(element("script", { src: plotlyUrl }));
    document.head.lastChild.addEventListener("load", onload);
    document.head.lastChild.addEventListener("error", reject);
  });
  return plotly;
}

const NEAR = 600; // pixels beyond the viewport

function whenNear(node) {
  return new Promise((resolve) => {
    const { top, bottom } = node.getBoundingClientRect();
    if (bottom > -NEAR && top < innerHeight + NEAR) return resolve(); // an observer would tell only once the page has loaded
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

/** A chart in `box` that comes alive when it nears the viewport, and follows the theme and the width of the page. */
class Chart {
  #Plotly;
  #figure;
  #width;

  constructor(box) {
    this.box = box;
    this.near = whenNear(box);
    this.ready = this.near.then(loadPlotly).then((Plotly) => {
      this.#Plotly = Plotly;
      redraws.add(this);
      if (this.#figure) this.show(this.#figure);
    });
    new ResizeObserver(([{ contentRect }]) => {
      if (this.#width && Math.abs(contentRect.width - this.#width) > 1) this.again();
      this.#width = contentRect.width;
    }).observe(box);
  }

  show(figure) {
    this.#figure = figure;
    if (!this.#Plotly) return;
    const isFirst = !this.box.classList.contains("live");
    if (isFirst) this.box.replaceChildren(); // the static picture has served
    draw(this.#Plotly, this.box, figure);
    if (!isFirst) return;
    this.box.classList.add("live");
    this.box.on("plotly_click", ({ points: [{ x, y }] }) => this.onclick?.(x, y));
  }

  again() {
    if (this.#Plotly && this.#figure) drawAll(this.#Plotly, this.box, this.#figure);
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
  lab.set(Object.fromEntries(new URLSearchParams(settings)), true);
  lab.figure.scrollIntoView();
}

useTable(airfoil);
for (const figure of document.querySelectorAll("figure.lab, figure.plot")) {
  const description = JSON.parse(figure.querySelector("script").textContent);
  const chart = new Chart(figure.querySelector(".chart"));
  if (figure.matches(".lab")) labs.set(figure.dataset.name, new Lab(figure, description, chart, computations, labs));
  else chart.show(description.figure);
}
followAddress();
addEventListener("hashchange", followAddress);
new MutationObserver(() => redraws.forEach((chart) => chart.again())).observe(document.documentElement, {
  attributeFilter: ["data-theme"],
});
