// Native controls over a list of [label, value] options, as ipywidgets describes them in the notebook.

/** A DOM element with attributes and children; text is never read as markup. */
export function element(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
  node.append(...children);
  return node;
}

/** A button; `act` gets it and a function that shows another text on it for two seconds. */
export function button(text, act, kind = "") {
  const node = element("button", { type: "button", class: kind }, text);
  const flash = (other) => {
    node.textContent = other;
    setTimeout(() => (node.textContent = text), 2000);
  };
  node.addEventListener("click", () => act(node, flash));
  return node;
}

/** The option a text from an address means: the one that reads so, or the nearest number; -1 if it means none. */
function indexOf(options, text) {
  const exact = options.findIndex(([label, value]) => String(value) === text || label === text);
  if (exact >= 0) return exact;
  const number = Number(text);
  const numbers = options.map(([, value]) => value).filter((value) => typeof value === "number");
  if (text.trim() === "" || !numbers.length || !(number >= Math.min(...numbers) && number <= Math.max(...numbers))) return -1;
  const nearest = numbers.reduce((best, value) => (Math.abs(value - number) < Math.abs(best - number) ? value : best));
  return options.findIndex(([, value]) => value === nearest);
}

/**
 * A control {key, node, value(), text(), set(text)}; `changed` is called when a hand moves it. A teacher's link can
 * lock or hide it: then nothing moves it but another link.
 */
export function control(id, { key, kind, label, options, index }, changed) {
  const { node, read, write } = { range, menu, buttons, box }[kind](id, label, options, changed);
  write(index);
  return {
    key,
    kind,
    node,
    locked: false,
    keep({ locked, hidden }) {
      this.locked = locked || hidden;
      this.hidden = node.hidden = hidden;
      for (const input of node.querySelectorAll("input, select")) input.disabled = this.locked;
    },
    value: () => options[read()][1],
    text: () => String(options[read()][1]),
    isDefault: () => read() === index,
    /** Take a value from an address; without one, or with one that means nothing, the default. */
    set(text) {
      const wanted = text === undefined ? index : indexOf(options, String(text));
      write(wanted < 0 ? index : wanted);
      return wanted >= 0;
    },
  };
}

function range(id, label, options, changed) {
  const input = element("input", { type: "range", id, min: 0, max: options.length - 1, step: 1 });
  const output = element("output", { for: id, "aria-live": "off" }); // the slider says its own value
  const show = () => {
    const [text] = options[input.value];
    input.setAttribute("aria-valuetext", `${label} ${text}`);
    input.style.setProperty("--part", `${(100 * input.value) / (input.max || 1)}%`); // how much of the track is filled
    output.textContent = text;
  };
  input.addEventListener("input", () => {
    show();
    changed();
  });
  const write = (index) => {
    input.value = index;
    show();
  };
  const node = element("div", { class: "control range" }, element("label", { for: id }, label), input, output);
  return { node, read: () => Number(input.value), write };
}

function menu(id, label, options, changed) {
  const select = element("select", { id }, ...options.map(([text], i) => element("option", { value: i }, text)));
  select.addEventListener("input", changed);
  const node = element("div", { class: "control menu" }, element("label", { for: id }, label), select);
  return { node, read: () => select.selectedIndex, write: (index) => (select.selectedIndex = index) };
}

function buttons(id, label, options, changed) {
  const inputs = options.map((_, i) => element("input", { type: "radio", name: id, id: `${id}-${i}`, value: i }));
  const labels = options.map(([text], i) => element("label", { for: `${id}-${i}` }, text));
  inputs.forEach((input) => input.addEventListener("input", changed));
  const pairs = inputs.map((input, i) => element("span", {}, input, labels[i]));
  const node = element("fieldset", { class: "control buttons" }, element("legend", {}, label), ...pairs);
  return { node, read: () => inputs.findIndex((input) => input.checked), write: (index) => (inputs[index].checked = true) };
}

function box(id, label, options, changed) {
  const input = element("input", { type: "checkbox", id });
  input.addEventListener("input", changed);
  const node = element("div", { class: "control box" }, input, element("label", { for: id }, label));
  return { node, read: () => Number(input.checked), write: (index) => (input.checked = Boolean(index)) };
}
