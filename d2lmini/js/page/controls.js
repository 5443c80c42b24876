// Native controls over a list of [label, value] options, as ipywidgets describes them in the notebook.

import { sentence } from "../core/format.js";
import { element } from "./elements.js";
import { WORDS } from "./words.js";

/** @import { ControlDescription, Option } from "../types" */
/** @typedef {{ node: HTMLElement, read: () => number, write: (index: number) => void }} Native which option is chosen */
/** @typedef {(id: string, label: string, options: Option[], changed: () => void) => Native} Maker */

/** A control of a lab. A teacher's link can lock or hide it: then nothing moves it but another link. */
export class Control {
  #native;
  #options;
  #index; // of the default
  locked = false;
  hidden = false;

  /**
   * @param {string} id
   * @param {ControlDescription} description
   * @param {() => void} changed called when a hand moves it
   */
  constructor(id, { key, kind, label, options, index }, changed) {
    this.#native = { range, menu, buttons, box }[kind](id, label, options, changed);
    this.#options = options;
    this.#index = index;
    this.key = key;
    this.kind = kind;
    this.node = this.#native.node;
    this.#native.write(index);
  }

  get value() {
    return this.#options[this.#native.read()][1];
  }

  get text() {
    return String(this.value);
  }

  get isDefault() {
    return this.#native.read() === this.#index;
  }

  /**
   * Take a value from an address; without one, or with one that means nothing, the default. Whether it means something.
   * @param {string | number} [text]
   */
  set(text) {
    const wanted = text === undefined ? this.#index : indexOf(this.#options, String(text));
    this.#native.write(wanted < 0 ? this.#index : wanted);
    return wanted >= 0;
  }

  /**
   * Keep it from hands, or out of sight too.
   * @param {boolean} locked
   * @param {boolean} hidden
   */
  keep(locked, hidden) {
    this.locked = locked || hidden;
    this.hidden = this.node.hidden = hidden;
    /** @type {NodeListOf<HTMLInputElement | HTMLSelectElement>} */
    const inputs = this.node.querySelectorAll("input, select");
    for (const input of inputs) input.disabled = this.locked;
  }
}

/**
 * The option a text from an address means: the one that reads so, or the nearest number; -1 if it means none.
 * @param {Option[]} options
 * @param {string} text
 */
function indexOf(options, text) {
  const exact = options.findIndex(([label, value]) => String(value) === text || label === text);
  if (exact >= 0) return exact;
  const number = Number(text);
  const numbers = options.map(([, value]) => value).filter((value) => typeof value === "number");
  if (text.trim() === "" || !numbers.length || !(number >= Math.min(...numbers) && number <= Math.max(...numbers))) return -1;
  const nearest = numbers.reduce((best, value) => (Math.abs(value - number) < Math.abs(best - number) ? value : best));
  return options.findIndex(([, value]) => value === nearest);
}

/** @type {Maker} */
function range(id, label, options, changed) {
  const most = options.length - 1;
  const input = element("input", { type: "range", id, min: 0, max: most, step: 1 });
  const output = element("output", { for: id, "aria-live": "off" }); // the slider says its own value
  const show = () => {
    const index = Number(input.value);
    const [text] = options[index];
    input.setAttribute("aria-valuetext", sentence(WORDS.slider, { label, text }));
    input.style.setProperty("--part", `${(100 * index) / (most || 1)}%`); // how much of the track is filled
    output.textContent = text;
  };
  input.addEventListener("input", () => {
    show();
    changed();
  });
  /** @param {number} index */
  const write = (index) => {
    input.value = String(index);
    show();
  };
  const node = element("div", { class: "control range" }, element("label", { for: id }, label), input, output);
  return { node, read: () => Number(input.value), write };
}

/** @type {Maker} */
function menu(id, label, options, changed) {
  const select = element("select", { id }, ...options.map(([text], i) => element("option", { value: i }, text)));
  select.addEventListener("input", changed);
  const node = element("div", { class: "control menu" }, element("label", { for: id }, label), select);
  return { node, read: () => select.selectedIndex, write: (index) => (select.selectedIndex = index) };
}

/** @type {Maker} */
function buttons(id, label, options, changed) {
  const inputs = options.map((_, i) => element("input", { type: "radio", name: id, id: `${id}-${i}`, value: i }));
  const labels = options.map(([text], i) => element("label", { for: `${id}-${i}` }, text));
  inputs.forEach((input) => input.addEventListener("input", changed));
  const pairs = inputs.map((input, i) => element("span", {}, input, labels[i]));
  const node = element("fieldset", { class: "control buttons" }, element("legend", {}, label), ...pairs);
  return { node, read: () => inputs.findIndex((input) => input.checked), write: (index) => (inputs[index].checked = true) };
}

/** @type {Maker} */
function box(id, label, _options, changed) {
  const input = element("input", { type: "checkbox", id });
  input.addEventListener("input", changed);
  const node = element("div", { class: "control box" }, input, element("label", { for: id }, label));
  return { node, read: () => Number(input.checked), write: (index) => (input.checked = Boolean(index)) };
}
