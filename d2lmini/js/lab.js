// One lab of the page: its controls, its computation, what it says, and its address.

import { fill, sentences } from "./chart.js";
import { button, control, element } from "./controls.js";
import { points, save, table } from "./numbers.js";
import { WORDS } from "./words.js";

const REST = 150; // milliseconds without a new value before anything more than the first result is computed
const SLICE = 9; // milliseconds of computing in one frame
const FRAME = 100; // milliseconds between two drawings of a result that grows
const QUIET = 700; // milliseconds after which a screen reader is told what happened
const PAPER = 8; // points of each line in the table on paper
const ADDRESS = 350; // milliseconds between two changes of the address: Safari allows 100 in 30 s

export class Lab {
  static #last; // the lab whose settings the address is about to take
  #work; // the computation under way
  #first; // whether its first result is still to come
  #pending; // a result not drawn yet
  #timer;
  #frame;
  #drawn = 0;
  #result;
  #stop;
  #hasMoved; // in the frame under way: undefined, or whether once more
  #asked = false; // whether a reader has moved anything yet
  #telling;
  #isOnPaper = false;

  constructor(figure, description, chart, computations, labs) {
    this.figure = figure;
    this.name = figure.dataset.name;
    this.chart = chart;
    this.labs = labs;
    this.description = description;
    this.compute = computations[description.compute];
    this.click = description.figure.layout.meta?.click;
    this.summary = figure.querySelector(".summary");
    this.spoken = element("p", { class: "visually-hidden", role: "status" });
    this.controls = description.controls.map((one) => control(`${this.name}-${one.key}`, one, () => this.#byHand()));
    this.#build();
    figure.querySelector("details").addEventListener("toggle", () => this.#fillTable());
    chart.near.then(() => this.restart());
    if (this.click) chart.onclick = (x, y) => this.#clicked(x, y);
  }

  /** Set controls from texts; with `others`, those not named go to their defaults. Locked ones stay. */
  set(texts, others = false) {
    let known = true;
    for (const one of this.controls.filter(({ locked }) => !locked)) {
      if (Object.hasOwn(texts, one.key)) known = one.set(texts[one.key]) && known;
      else if (others) one.set();
    }
    if (others) known = Object.keys(texts).every((key) => this.controls.some((one) => one.key === key)) && known;
    this.note.textContent = known ? "" : WORDS.unknown;
    this.#moved();
    return known;
  }

  /** Take over the settings of an address; the controls that its `lock` and `hide` name can be moved by no hand. */
  follow({ lock = "", hide = "", ...texts }) {
    const [locked, hidden] = [lock, hide].map((names) => names.split(",").filter(Boolean));
    for (const one of this.controls) one.keep({ locked: false, hidden: false });
    const known = this.set(texts, true) && [...locked, ...hidden].every((name) => this.controls.some(({ key }) => key === name));
    for (const one of this.controls) one.keep({ locked: locked.includes(one.key), hidden: hidden.includes(one.key) });
    this.note.textContent = known ? "" : WORDS.unknown;
  }

  /** `#name?key=value&…` with what differs from the defaults, and what is locked or hidden. */
  address() {
    const settings = this.controls.filter((one) => !one.isDefault()).map(({ key, text }) => [key, encodeURIComponent(text())]);
    const names = (some) => this.controls.filter(some).map(({ key }) => key).join(",");
    const kept = [["lock", names(({ locked, hidden }) => locked && !hidden)], ["hide", names(({ hidden }) => hidden)]];
    return `#${this.name}?${[...settings, ...kept.filter(([, some]) => some)].map((pair) => pair.join("=")).join("&")}`;
  }

  /** Compute for the newest settings; whatever was under way is dropped. */
  restart() {
    clearTimeout(this.#timer);
    cancelAnimationFrame(this.#frame);
    const settings = Object.fromEntries(this.controls.map(({ key, value }) => [key, value()]));
    this.#attempt(() => {
      this.#work = this.compute({ ...this.description.fixed, ...settings });
      this.#first = true;
      this.#pending = undefined;
      this.summary.setAttribute("aria-busy", "true"); // until the last result of this work is shown
      this.#slice();
    });
  }

  /** Do a part of the work; if it fails, the words of another setting do not stay. */
  #attempt(work) {
    try {
      work();
    } catch (error) {
      this.summary.textContent = WORDS.failed;
      this.summary.removeAttribute("aria-busy");
      this.#tell();
      throw error;
    }
  }

  #byHand() {
    this.note.textContent = "";
    this.#moved();
  }

  /** The first move in a frame is computed at once, of further ones the newest in the next frame. */
  #moved() {
    this.#asked = true;
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

  #slice() {
    const until = performance.now() + SLICE;
    let newest = this.#pending;
    do {
      const { value, done } = this.#work.next();
      newest = value ?? newest;
      if (done) {
        if (newest) this.#show(newest);
        this.summary.removeAttribute("aria-busy");
        this.#tell();
        return;
      }
    } while (performance.now() < until && !(this.#first && newest));
    this.#pending = newest;
    if (newest && (this.#first || performance.now() - this.#drawn > FRAME)) this.#show(newest);
    if (this.#first && newest) {
      this.#first = false;
      this.#timer = setTimeout(() => this.#attempt(() => this.#slice()), REST);
    } else {
      this.#frame = requestAnimationFrame(() => this.#attempt(() => this.#slice()));
    }
  }

  #show(result) {
    this.#result = result;
    this.#pending = undefined;
    this.#drawn = performance.now();
    this.summary.textContent = sentences(this.description.sentences, result.say);
    this.chart.show(this.#figure());
    this.#fillTable();
  }

  /** Tell a screen reader what came of the last move, once. */
  #tell() {
    if (!this.#asked) return;
    clearTimeout(this.#telling);
    this.#telling = setTimeout(() => (this.spoken.textContent = this.summary.textContent), QUIET);
  }

  #build() {
    const panel = this.figure.querySelector(".controls");
    panel.setAttribute("role", "group");
    panel.setAttribute("aria-label", WORDS.settings);
    panel.replaceChildren(); // the settings that stood in its place
    const boxes = element("div", { class: "boxes" });
    for (const { kind, node } of this.controls) (kind === "box" ? boxes : panel).append(node);
    if (boxes.childElementCount) panel.append(boxes);
    panel.addEventListener("change", () => this.#remember());
    this.note = element("p", { class: "note" });
    this.summary.after(this.spoken, this.note);
    this.figure.querySelector(".actions").append(...this.#buttons());
  }

  /** Keep the settings in the page's address; of many changes in a short time, those of the last lab moved. */
  #remember() {
    const isWaiting = Lab.#last;
    Lab.#last = this;
    if (isWaiting) return;
    setTimeout(() => {
      history.replaceState(null, "", Lab.#last.address());
      Lab.#last = undefined;
    }, ADDRESS);
  }

  /** Copy the link, or say where it is: a page over plain http has no clipboard, and a frame may not use it. */
  async #copy(flash) {
    const { href } = new URL(this.address(), location.href);
    history.replaceState(null, "", href);
    try {
      await navigator.clipboard.writeText(href);
      flash(WORDS.copied);
    } catch {
      if (window === top) flash(WORDS.address);
      else this.note.replaceChildren(`${WORDS.link} `, element("a", { href, target: "_blank", rel: "noopener" }, href));
    }
  }

  #buttons() {
    const list = [];
    if (this.description.figure.layout.meta?.play) list.push(button(WORDS.play, (node, flash) => this.#play(node, flash), "play"));
    if (this.click?.loads) list.push(button(WORDS.load, () => this.#load()));
    list.push(
      button(WORDS.reset, () => {
        this.set({}, true);
        this.#remember();
      }),
      button(WORDS.copy, (_, flash) => this.#copy(flash)),
      button(WORDS.png, async (_, flash) => {
        const picture = await this.chart.picture();
        return picture ? save(`${this.name}.png`, picture) : flash(WORDS.none);
      }),
      button(WORDS.csv, () => save(`${this.name}.csv`, table(this.#figure()))),
    );
    return list;
  }

  async #play(node, flash) {
    if (!(await this.chart.wake())) return flash(WORDS.none);
    if (this.#stop || !this.#result) return this.#stop?.();
    const end = () => {
      stopDrawing();
      this.#stop = undefined;
      node.textContent = WORDS.play;
      this.chart.again();
    };
    const stopDrawing = this.chart.play(this.#figure(), end);
    this.#stop = end;
    node.textContent = WORDS.stop;
  }

  #clicked(x, y) {
    this.set({ [this.click.x]: x, [this.click.y]: y });
    this.#load();
  }

  /** Set the lab that `click.loads` names to this one's settings. */
  #load() {
    const chosen = this.controls.filter(({ key }) => key === this.click.x || key === this.click.y);
    this.labs.get(this.click.loads)?.set(Object.fromEntries(chosen.map(({ key, text }) => [key, text()])));
  }

  /** The chart's figure with the newest result in it. */
  #figure() {
    return fill(this.description.figure, this.#result);
  }

  /** The table for paper, or again for the screen. */
  print(isOnPaper) {
    this.#isOnPaper = isOnPaper;
    this.#fillTable();
  }

  #fillTable() {
    if (!this.figure.querySelector("details").open || !this.#result) return;
    const { heads, rows } = points(this.#figure(), this.#isOnPaper ? PAPER : undefined);
    const cell = (value) => element("td", {}, typeof value === "number" ? String(Number(value.toPrecision(5))) : value);
    this.figure.querySelectorAll("th").forEach((head, i) => (head.textContent = heads[i]));
    const body = this.figure.querySelector("tbody");
    body.replaceChildren(...rows.map((row) => element("tr", {}, ...row.map(cell))));
  }
}
