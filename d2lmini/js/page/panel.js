// The controls of a lab together: a hand moves one of them, an address sets them all.

import { Control } from "./controls.js";
import { element } from "./elements.js";
import { WORDS } from "./words.js";

/** @import { ControlDescription } from "../types" */
/** @typedef {Record<string, string | number>} Texts what controls are to be set to, by their keys */

export class Panel {
  #controls;

  /**
   * @param {string} name of the lab
   * @param {ControlDescription[]} descriptions
   * @param {() => void} changed called when a hand moves a control
   */
  constructor(name, descriptions, changed) {
    this.#controls = descriptions.map((one) => new Control(`${name}-${one.key}`, one, changed));
  }

  /** Put the controls where the settings stood. @param {HTMLElement} node */
  fill(node) {
    node.setAttribute("role", "group");
    node.setAttribute("aria-label", WORDS.settings);
    node.replaceChildren();
    const boxes = element("div", { class: "boxes" });
    for (const one of this.#controls) (one.kind === "box" ? boxes : node).append(one.node);
    if (boxes.childElementCount) node.append(boxes);
  }

  /** The values of all controls, by their keys. */
  settings() {
    return Object.fromEntries(this.#controls.map(({ key, value }) => [key, value]));
  }

  /** The texts of some controls, by their keys. @param {string[]} keys */
  texts(...keys) {
    return Object.fromEntries(this.#controls.filter(({ key }) => keys.includes(key)).map(({ key, text }) => [key, text]));
  }

  /**
   * Set controls from texts; with `others`, those not named go to their defaults. Locked ones stay. Whether all texts mean something.
   * @param {Texts} texts
   */
  set(texts, others = false) {
    let known = true;
    for (const one of this.#controls.filter(({ locked }) => !locked)) {
      if (Object.hasOwn(texts, one.key)) known = one.set(texts[one.key]) && known;
      else if (others) one.set();
    }
    return known && (!others || Object.keys(texts).every((key) => this.#has(key)));
  }

  /**
   * Take over the settings of an address; the controls that its `lock` and `hide` name can be moved by no hand.
   * @param {Record<string, string>} settings
   */
  follow({ lock = "", hide = "", ...texts }) {
    const [locked, hidden] = [lock, hide].map((names) => names.split(",").filter(Boolean));
    for (const one of this.#controls) one.keep(false, false);
    const known = this.set(texts, true);
    for (const one of this.#controls) one.keep(locked.includes(one.key), hidden.includes(one.key));
    return known && [...locked, ...hidden].every((key) => this.#has(key));
  }

  /** `key=value&…` with what differs from the defaults, and what is locked or hidden. */
  query() {
    const settings = this.#controls.filter(({ isDefault }) => !isDefault).map(({ key, text }) => [key, encodeURIComponent(text)]);
    const kept = [["lock", this.#keys(({ locked, hidden }) => locked && !hidden)], ["hide", this.#keys(({ hidden }) => hidden)]];
    return [...settings, ...kept.filter(([, keys]) => keys)].map((pair) => pair.join("=")).join("&");
  }

  /** @param {string} name */
  #has(name) {
    return this.#controls.some(({ key }) => key === name);
  }

  /** @param {(one: Control) => boolean} some */
  #keys(some) {
    return this.#controls.filter(some).map(({ key }) => key).join();
  }
}
