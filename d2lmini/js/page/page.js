// Finds the figures of the built book, draws them, and runs the labs: there is no kernel here.

import airfoil from "../../data/airfoil_self_noise.csv";
import { useTable } from "../core/rows.js";
import { reserve } from "../figures/chart.js";
import { asked, present } from "./address.js";
import { all, element, part } from "./elements.js";
import { wireForms } from "./forms.js";
import { Lab } from "./lab.js";
import { Chart } from "./livechart.js";
import { onPaper } from "./paper.js";
import { prefetchPlotly } from "./plotly.js";
import { attend } from "./presence.js";
import { WORDS } from "./words.js";

/** @import { Computations, Description } from "../types" */

/** @type {Chart[]} */
const charts = [];
/** @type {Map<string, Lab>} */
const labs = new Map();

/** Set the lab that the address names; a key that is missing goes to its default. */
function followAddress() {
  const link = asked();
  const lab = link && labs.get(link.name);
  if (!lab) return;
  attend();
  lab.follow(link.settings);
  lab.figure.scrollIntoView();
}

/** Where a name comes twice, the second lab is name-2: ids and addresses are of one lab only. */
function nameApart() {
  const taken = new Set();
  for (const { dataset } of all("figure.lab")) {
    const { name } = dataset;
    for (let i = 2; taken.has(dataset.name); i++) dataset.name = `${name}-${i}`;
    taken.add(dataset.name);
  }
}

/** The figures to bring to life: all, or with `?embed=name` one lab alone, for an iframe in somebody else's page. */
function found() {
  const figures = [...all("figure.lab, figure.plot")];
  const name = present(new URLSearchParams(location.search).get("embed") ?? "");
  const alone = figures.find(({ dataset }) => dataset.name && dataset.name === name);
  if (!alone) return figures;
  const whole = element("a", { href: location.pathname, target: "_blank", rel: "noopener" }, document.title);
  alone.append(element("p", { class: "source" }, whole));
  document.body.append(alone);
  document.documentElement.classList.add("embedded");
  return [alone];
}

/**
 * @param {HTMLElement} figure
 * @param {Computations} computations
 */
function enliven(figure, computations) {
  const isLab = figure.matches(".lab");
  /** @type {Description} */
  const description = JSON.parse(part(figure, "script").textContent);
  const chart = new Chart(part(figure, ".chart"), isLab ? WORDS.stillLab : WORDS.still);
  charts.push(chart);
  if (description.figure.layout.meta?.narrow?.height) reserve(chart.box, description.figure); // the page kept the place of a wide one
  if (isLab) {
    const lab = new Lab(figure, description, chart, computations, labs);
    labs.set(lab.name, lab);
  } else {
    chart.show(description.figure);
  }
}

/**
 * Bring the page to life.
 * @param {Computations} computations
 */
export function start(computations) {
  useTable(airfoil);
  wireForms();
  nameApart();
  for (const figure of found()) {
    try {
      enliven(figure, computations);
    } catch (error) {
      reportError(error); // and the other figures live
    }
  }
  followAddress();
  addEventListener("hashchange", followAddress);
  if (charts.length && location.protocol !== "file:") prefetchPlotly();
  onPaper(charts, labs);
  const redraw = () => charts.forEach((chart) => chart.again());
  new MutationObserver(redraw).observe(document.documentElement, { attributeFilter: ["data-theme"] });
  matchMedia("(forced-colors: active)").addEventListener("change", redraw);
}
