// A chart that comes alive when a reader nears it, one drawing after the other.

import { draw, drawAll, play } from "../figures/chart.js";
import { element } from "./elements.js";
import { loadPlotly } from "./plotly.js";
import { nearing } from "./presence.js";

/** @import { Figure, Plot, Plotly } from "../types" */

/** @type {Set<Chart>} */
const still = new Set(); // charts that could not come alive
addEventListener("online", () => still.forEach((chart) => chart.wake()));

let turn = Promise.resolve();

/** Plotly for one figure after the other, so that the first is painted before the next is drawn. */
async function plotlyInTurn() {
  const Plotly = await loadPlotly();
  const mine = turn;
  turn = mine.then(() => new Promise((resolve) => setTimeout(resolve)));
  await mine;
  return Plotly;
}

/** A chart in `box` that comes alive when a reader nears it, and follows the theme and the width of the page. */
export class Chart {
  /** @type {Plotly | undefined} */
  #Plotly;
  /** @type {Figure | undefined} */
  #figure;
  #width = 0;
  /** @type {number | undefined} */
  #sheet; // the width of a chart on paper
  /** @type {((x: number, y: number) => void) | undefined} */
  onclick;

  /**
   * @param {Plot} box
   * @param {string} excuse
   */
  constructor(box, excuse) {
    this.box = box;
    this.note = element("p", { class: "note" }, excuse);
    this.near = nearing(box);
    this.near.then(() => this.wake());
    new ResizeObserver(([{ contentRect }]) => {
      if (!contentRect.width) return; // out of sight
      if (this.#width && Math.abs(contentRect.width - this.#width) > 1) this.again();
      this.#width = contentRect.width;
    }).observe(box);
  }

  /** Whether the chart is alive by now; while Plotly cannot be had, its picture stays and a note says why. */
  async wake() {
    const Plotly = this.#Plotly ?? (await plotlyInTurn());
    if (!Plotly) {
      still.add(this);
      this.box.after(this.note);
      return false;
    }
    if (!this.#Plotly) this.#live(Plotly);
    return true;
  }

  /** @param {Plotly} Plotly */
  #live(Plotly) {
    this.#Plotly = Plotly;
    still.delete(this);
    this.note.remove();
    if (this.#figure) this.show(this.#figure);
    still.forEach((chart) => chart.wake());
  }

  /** @param {Figure} figure */
  show(figure) {
    this.#figure = figure;
    if (still.has(this)) this.wake();
    if (!this.#Plotly) return;
    const isFirst = !this.box.classList.contains("live");
    if (isFirst) this.box.replaceChildren(); // the static picture has served
    draw(this.#Plotly, this.box, figure);
    if (!isFirst) return;
    this.box.classList.add("live");
    this.box.on?.("plotly_click", ({ points: [{ x, y }] }) => this.onclick?.(x, y));
  }

  again() {
    if (this.#Plotly && this.#figure) drawAll(this.#Plotly, this.box, this.#figure, this.#sheet);
  }

  /**
   * Draw for paper, `width` pixels wide, also what no reader came near to; without a width, for the screen again.
   * @param {number} [width]
   */
  print(width) {
    this.#sheet = width;
    if (window.Plotly && !this.#Plotly) this.#live(window.Plotly);
    this.again();
  }

  /** A PNG of what is drawn, on the colour of the page; undefined without Plotly. */
  async picture() {
    await this.wake();
    if (!this.#Plotly) return undefined;
    const { data, layout, clientWidth: width, clientHeight: height } = this.box;
    const paper_bgcolor = getComputedStyle(document.body).backgroundColor;
    const url = await this.#Plotly.toImage({ data, layout: { ...layout, paper_bgcolor } }, { format: "png", width, height, scale: 2 });
    const bytes = Uint8Array.from(atob(url.split(",")[1]), (letter) => letter.charCodeAt(0)); // fetch of a data: URL is forbidden under a strict policy
    return new Blob([bytes], { type: "image/png" });
  }

  /**
   * Draw a figure's run from its beginning; returns a function that stops it.
   * @param {Figure} figure
   * @param {() => void} done
   */
  play(figure, done) {
    return play(figure, (part) => this.#Plotly && draw(this.#Plotly, this.box, part), done);
  }
}
