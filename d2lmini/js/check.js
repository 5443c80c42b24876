// Short numeric answers in the page: d2lmini/exercises/answers.py judges them the same with a kernel.

import { element } from "./controls.js";

const near = (value, wanted, tolerance) => Math.abs(value - wanted) <= tolerance * Math.abs(wanted);

/** The number in a text, as people write it: spaces around it, and commas between thousands; NaN if there is none. */
export function number(text) {
  const plain = text.trim().replace(/^([+-]?[1-9]\d{0,2})((?:,\d{3})+)(?=$|\.)/, (_, first, rest) => first + rest.replaceAll(",", ""));
  return /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(plain) ? Number(plain) : NaN;
}

/** {right, message}: the verdict on a number; see d2lmini.answers.Question.judge. */
export function judge(value, { right, tolerance, slip, why, wrong, words }) {
  if (near(value, right, tolerance)) return { right: true, message: why };
  const slips = wrong.filter(([mistaken]) => near(value, mistaken, slip));
  if (slips.length) {
    const [, message] = slips.reduce((a, b) => (Math.abs(value - b[0]) < Math.abs(value - a[0]) ? b : a));
    return { right: false, message };
  }
  if (value < 0) return { right: false, message: words.negative };
  const size = value > right ? "large" : "small";
  const powers = value ? Math.log10(value / right) : 0.5;
  const isPower = Math.abs(powers) > 0.5 && Math.abs(powers - Math.round(powers)) < slip;
  return { right: false, message: words[isPower ? `power_${size}` : size] };
}

/** The verdict on what was typed. */
export function judgeText(text, question) {
  if (!text.trim()) return { right: false, message: question.words.empty };
  const value = number(text);
  return Number.isFinite(value) ? judge(value, question) : { right: false, message: question.words.text };
}

/** Give each form of the page its field, its button and its voice. */
function wire(page) {
  for (const form of page.querySelectorAll("form.check")) {
    const question = JSON.parse(form.querySelector("script").textContent);
    const { label, check } = question.words;
    const id = `check-${form.dataset.check}`;
    const input = element("input", { id, type: "text", inputmode: "decimal", autocomplete: "off", "aria-describedby": `${id}-said` });
    const said = element("p", { id: `${id}-said`, role: "status" });
    const text = question.unit ? `${label} (${question.unit})` : label;
    form.querySelector("p").remove();
    form.prepend(element("label", { for: id }, text), input, element("button", { type: "submit" }, check), said);
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      const { right, message } = judgeText(input.value, question);
      said.textContent = message;
      said.className = right ? "right" : "wrong";
      input.setAttribute("aria-invalid", String(!right));
    });
    input.addEventListener("input", () => {
      said.textContent = "";
      said.className = "";
      input.removeAttribute("aria-invalid");
    });
  }
}

if (globalThis.document) wire(document); // the tests judge without a page
