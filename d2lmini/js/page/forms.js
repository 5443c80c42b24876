// The fields of the exercises: each form of the page gets its input, its button and its voice.

import { judgeText } from "../exercises/answers.js";
import { sentence } from "../core/format.js";
import { all, element, part } from "./elements.js";
import { WORDS } from "./words.js";

/** @import { Question } from "../types" */

/** Give each form of the page its field, its button and its voice. */
export function wireForms() {
  for (const form of all("form.check")) {
    /** @type {Question} */
    const question = JSON.parse(part(form, "script").textContent);
    const { unit, wanted, words } = question;
    const id = `check-${form.dataset.check}`;
    const input = element("input", { id, type: "text", autocomplete: "off", "aria-describedby": `${id}-wanted ${id}-said` });
    const said = element("p", { id: `${id}-said`, role: "status" });
    const label = unit ? sentence(WORDS.unit, { label: words.label, unit }) : words.label;
    part(form, "p").remove();
    const hint = element("span", { id: `${id}-wanted` }, wanted);
    form.prepend(element("label", { for: id }, label), hint, input, element("button", { type: "submit" }, words.check), said);
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
