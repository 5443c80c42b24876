// Elements of the page: made, and found.

/** @typedef {(text: string) => void} Flash shows a text for two seconds */

/**
 * A DOM element with attributes and children; text is never read as markup.
 * @template {keyof HTMLElementTagNameMap} Tag
 * @param {Tag} tag
 * @param {Record<string, string | number>} attributes
 * @param {(Node | string)[]} children
 */
export function element(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, String(value));
  node.append(...children);
  return node;
}

/**
 * A button; `act` gets it and a function that shows another text on it for two seconds.
 * @param {string} text
 * @param {(node: HTMLButtonElement, flash: Flash) => void} act
 */
export function button(text, act, kind = "") {
  const node = element("button", { type: "button", class: kind }, text);
  /** @type {Flash} */
  const flash = (other) => {
    node.textContent = other;
    setTimeout(() => (node.textContent = text), 2000);
  };
  node.addEventListener("click", () => act(node, flash));
  return node;
}

/**
 * What a selector finds first; the book's own markup has it.
 * @param {ParentNode} parent
 * @param {string} selector
 */
export function part(parent, selector) {
  /** @type {HTMLElement | null} */
  const found = parent.querySelector(selector);
  if (!found) throw new Error(`there is no ${selector}`);
  return found;
}

/**
 * All of the page that a selector finds.
 * @param {string} selector
 * @returns {NodeListOf<HTMLElement>}
 */
export function all(selector) {
  return document.querySelectorAll(selector);
}
