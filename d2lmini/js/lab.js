// One lab of the page: its controls, its computation, what it says, and its address.

import { fill, sentences } from "./chart.js";
import { control, element } from "./controls.js";
import { points, save, table } from "./numbers.js";

const REST = 150; // milliseconds without a new value before anything more than the first result is computed
const SLICE = 9; // milliseconds of computing in one frame
const FRAME = 100; // milliseconds between two drawings of a result that grows
const QUIET = 700; // milliseconds after which a screen reader is told what happened

const WORDS = {
  settings: "Settings",
  reset: "Reset",
  play: "Play",
  stop: "Stop",
  copy: "Copy link",
  copied: "Link copied",
  address: "The link is in the address bar",
  png: "Download PNG",
  csv: "Download CSV",
  load: "Load this run above",
  unknown: "Some settings in this link are unknown here and were left at their defaults.",
};

export class Lab {
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
    this.controls = description.controls.map((one) => control(`${this.name}-${one.key}`, one, () => this.#moved()));
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
    this.#work = this.compute({ ...this.description.fixed, ...settings });
    this.#first = true;
    this.#pending = undefined;
    this.summary.setAttribute("aria-busy", "true"); // until the last result of this work is shown
    this.#slice();
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
      this.#timer = setTimeout(() => this.#slice(), REST);
    } else {
      this.#frame = requestAnimationFrame(() => this.#slice());
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
    const box = this.figure.querySelector(".chart");
    const panel = element("div", { class: "controls", role: "group", "aria-label": WORDS.settings });
    const boxes = element("div", { class: "boxes" });
    for (const { kind, node } of this.controls) (kind === "box" ? boxes : panel).append(node);
    if (boxes.childElementCount) panel.append(boxes);
    // Safari allows 100 changes of address in 30 s: one per released slider, not one per step.
    panel.addEventListener("change", () => history.replaceState(null, "", this.address()));
    this.note = element("p", { class: "note" });
    const below = element("div", { class: "actions" }, ...this.#buttons());
    box.before(panel);
    this.summary.after(this.spoken, this.note, below);
  }

  #buttons() {
    const button = (text, act) => {
      const node = element("button", { type: "button" }, text);
      node.addEventListener("click", () => act(node));
      return node;
    };
    const flash = (node, text) => {
      const before = node.textContent;
      node.textContent = text;
      setTimeout(() => (node.textContent = before), 2000);
    };
    const list = [];
    if (this.description.figure.layout.meta?.play) list.push(button(WORDS.play, (node) => this.#play(node)));
    if (this.click?.loads) list.push(button(WORDS.load, () => this.#load()));
    list.push(
      button(WORDS.reset, () => {
        this.set({}, true);
        history.replaceState(null, "", this.address());
      }),
      button(WORDS.copy, async (node) => {
        history.replaceState(null, "", this.address());
        if (!navigator.clipboard) return flash(node, WORDS.address); // a page over plain http has none
        await navigator.clipboard.writeText(location.href);
        flash(node, WORDS.copied);
      }),
      button(WORDS.png, async () => save(`${this.name}.png`, await this.chart.picture())),
      button(WORDS.csv, () => save(`${this.name}.csv`, table(this.#figure()))),
    );
    return list;
  }

  #play(node) {
    if (this.#stop || !this.#result) {
      this.#stop?.();
      return;
    }
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

  #fillTable() {
    if (!this.figure.querySelector("details").open || !this.#result) return;
    const { heads, rows } = points(this.#figure());
    const cell = (value) => element("td", {}, typeof value === "number" ? String(Number(value.toPrecision(5))) : value);
    this.figure.querySelectorAll("th").forEach((head, i) => (head.textContent = heads[i]));
    const body = this.figure.querySelector("tbody");
    body.replaceChildren(...rows.map((row) => element("tr", {}, ...row.map(cell))));
  }
}
