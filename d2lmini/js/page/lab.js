// One lab of the page: what its controls are set to is computed, drawn and said.

import { sentences } from "../core/format.js";
import { filled } from "../figures/chart.js";
import { actions } from "./buttons.js";
import { remember } from "./address.js";
import { element, part } from "./elements.js";
import { panels, tabulate } from "./table.js";
import { Panel } from "./panel.js";
import { inSlices } from "./pacing.js";
import { WORDS } from "./words.js";

/** @import { Computations, Description, Result } from "../types" */
/** @import { Flash } from "./elements.js" */
/** @import { Chart } from "./livechart.js" */
/** @import { Texts } from "./panel.js" */

const QUIET = 700; // milliseconds after which a screen reader is told what happened
const PAPER = 8; // points of each line in the table on paper

export class Lab {
  #description;
  #compute;
  #panel;
  #labs;
  #summary;
  #details;
  #spoken = element("p", { class: "visually-hidden", role: "status" });
  /** @type {Result | undefined} */
  #result;
  #drop = () => {}; // the computation under way
  /** @type {(() => void) | undefined} */
  #stop; // what is being played
  /** @type {boolean | undefined} */
  #hasMoved; // in the frame under way: undefined, or whether once more
  #wasMoved = false; // by a reader, ever
  #telling = 0;
  #isOnPaper = false;

  /**
   * @param {HTMLElement} figure
   * @param {Description} description
   * @param {Chart} chart
   * @param {Computations} computations
   * @param {Map<string, Lab>} labs all of the page, by their names
   */
  constructor(figure, description, chart, computations, labs) {
    const { name = "" } = figure.dataset;
    this.figure = figure;
    this.name = name;
    this.chart = chart;
    this.meta = description.figure.layout.meta ?? {};
    this.note = element("p", { class: "note" });
    this.#description = description;
    this.#compute = computations[description.compute].compute;
    this.#labs = labs;
    this.#summary = part(figure, ".summary");
    this.#details = figure.querySelector("details");
    this.#panel = new Panel(name, description.controls, () => this.#changed(true));
    this.#build();
    chart.near.then(() => this.restart());
  }

  #build() {
    const controls = part(this.figure, ".controls");
    this.#panel.fill(controls);
    controls.addEventListener("change", () => remember(this));
    this.#summary.after(this.#spoken, this.note);
    this.#details?.addEventListener("toggle", () => this.#fillTable());
    part(this.figure, ".actions").append(...actions(this));
    const { click } = this.meta;
    if (!click) return;
    this.chart.onclick = (x, y) => {
      this.set({ [click.x]: x, [click.y]: y });
      this.load();
    };
  }

  /**
   * Set controls from texts; with `others`, those not named go to their defaults. Locked ones stay.
   * @param {Texts} texts
   */
  set(texts, others = false) {
    this.#changed(this.#panel.set(texts, others));
  }

  /**
   * Take over the settings of an address; the controls that its `lock` and `hide` name can be moved by no hand.
   * @param {Record<string, string>} settings
   */
  follow(settings) {
    this.#changed(this.#panel.follow(settings));
  }

  /** `#name?key=value&…` with what differs from the defaults, and what is locked or hidden. */
  address() {
    return `#${this.name}?${this.#panel.query()}`;
  }

  /** Set the lab that a click loads to this one's settings. */
  load() {
    const { click } = this.meta;
    if (click?.loads) this.#labs.get(click.loads)?.set(this.#panel.texts(click.x, click.y));
  }

  /** Compute for the newest settings; whatever was under way is dropped. */
  restart() {
    this.#drop();
    this.#summary.setAttribute("aria-busy", "true"); // until the last result of this work is shown
    const results = this.#compute({ ...this.#description.fixed, ...this.#panel.settings() });
    this.#drop = inSlices(results, (result) => this.#show(result), (failed) => this.#ended(failed));
  }

  /** The chart's figure with the newest result in it. */
  shown() {
    const { figure } = this.#description;
    return this.#result ? filled(figure, this.#result) : figure;
  }

  /**
   * Draw the run from its beginning, or stop that.
   * @param {HTMLButtonElement} node
   * @param {Flash} flash
   */
  async play(node, flash) {
    if (!(await this.chart.wake())) return flash(WORDS.none);
    if (this.#stop || !this.#result) return this.#stop?.();
    const end = () => {
      stopDrawing();
      this.#stop = undefined;
      node.textContent = WORDS.play;
      this.chart.again();
    };
    const stopDrawing = this.chart.play(this.shown(), end);
    this.#stop = end;
    node.textContent = WORDS.stop;
  }

  /** The table for paper, or again for the screen. @param {boolean} isOnPaper */
  print(isOnPaper) {
    this.#isOnPaper = isOnPaper;
    this.#fillTable();
  }

  /** Controls were moved, to texts that all mean something or not. @param {boolean} known */
  #changed(known) {
    this.note.textContent = known ? "" : WORDS.unknown;
    this.#moved();
  }

  /** The first move in a frame is computed at once, of further ones the newest in the next frame. */
  #moved() {
    this.#wasMoved = true;
    this.#stop?.();
    if (this.#hasMoved !== undefined) {
      this.#hasMoved = true;
      return;
    }
    this.#hasMoved = false;
    requestAnimationFrame(() => {
      const again = this.#hasMoved;
      this.#hasMoved = undefined;
      if (again) this.#moved();
    });
    this.restart();
  }

  /** @param {Result} result */
  #show(result) {
    this.#result = result;
    this.#summary.textContent = sentences(this.#description.sentences, result.say).join(WORDS.between);
    this.chart.show(this.shown());
    this.#fillTable();
  }

  /** The work is done; where it failed, the words of another setting do not stay. @param {boolean} failed */
  #ended(failed) {
    if (failed) this.#summary.textContent = WORDS.failed;
    this.#summary.removeAttribute("aria-busy");
    this.#tell();
  }

  /** Tell a screen reader what came of the last move, once. */
  #tell() {
    if (!this.#wasMoved) return;
    clearTimeout(this.#telling);
    this.#telling = setTimeout(() => (this.#spoken.textContent = this.#summary.textContent), QUIET);
  }

  #fillTable() {
    if (this.#details?.open && this.#result) tabulate(this.figure, panels(this.shown(), this.#isOnPaper ? PAPER : undefined));
  }
}
