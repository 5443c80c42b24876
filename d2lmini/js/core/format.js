// Numbers and sentences written out as Python's str.format does, in whose language the labs' templates are.

/** @import { Say, Values } from "../types" */

/**
 * A value in the part of Python's format language that sentences use: "", ",", ".2f", ",.1f", ".3g".
 * @type {(value: number | string, spec: string) => string}
 */
export function format(value, spec) {
  if (typeof value === "string") return value;
  const [, comma, digits, kind] = /^(,?)(?:\.(\d+))?([fg]?)$/.exec(spec) ?? [];
  const text = kind === "g" ? general(value, Number(digits)) : kind === "f" ? fixed(value, Number(digits)) : String(value);
  return comma ? text.replace(/\B(?=(\d{3})+(?!\d))/g, ",") : text;
}

/**
 * `value.toFixed(digits)`, but of two numbers equally near the even one, as in Python: 11.25 gives 11.2.
 * @type {(value: number, digits: number) => string}
 */
function fixed(value, digits) {
  const isTie = Number.isInteger(value * 2 ** (digits + 1)) && value.toFixed(digits + 1).endsWith("5");
  const near = value.toFixed(digits);
  return isTie && Number(near.at(-1)) % 2 ? value.toFixed(digits + 1).replace(/\.?5$/, "") : near;
}

/** Python's "g": 0.05, 12, 1e-05, 1e+02. @type {(value: number, digits: number) => string} */
function general(value, digits) {
  const [near, power] = value.toExponential(digits - 1).split("e");
  if (Number(power) >= -4 && Number(power) < digits) return String(Number(fixed(value, digits - 1 - Number(power))));
  const [longer] = value.toExponential(digits).split("e");
  const isTie = Number(power) > 0 && Number(`${longer}e${power}`) === value && longer.endsWith("5");
  const number = isTie && Number(near.at(-1)) % 2 ? longer.slice(0, -1) : near;
  return `${Number(number)}e${power[0]}${power.slice(1).padStart(2, "0")}`;
}

/** A sentence from its template, in which "{loss:.3f}" is the place of a value. @type {(template: string, values: Values) => string} */
export function sentence(template, values) {
  return template.replace(/\{(\w+):?([^}]*)\}/g, (_, name, spec) => format(values[name], spec));
}

/** What a result says, sentence by sentence. @type {(templates: Record<string, string>, say: Say) => string[]} */
export function sentences(templates, say) {
  return say.map(([key, values]) => sentence(templates[key], values));
}
