// Judging a short numeric answer: right, or wrong in a way that has a name; the twin of a part of d2lmini/exercises/answers.py.

/** @import { Question } from "../types" */

/**
 * @param {number} value
 * @param {number} wanted
 * @param {number} tolerance
 */
const near = (value, wanted, tolerance) => Math.abs(value - wanted) <= tolerance * Math.abs(wanted);

/**
 * The number in a text, as people write it: spaces around it, and commas between thousands; NaN if there is none.
 * @param {string} text
 */
export function number(text) {
  const plain = text.trim().replace(/^([+-]?[1-9]\d{0,2})((?:,\d{3})+)(?=$|\.)/, (_, first, rest) => first + rest.replaceAll(",", ""));
  return /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(plain) ? Number(plain) : NaN;
}

/**
 * The verdict on a number; see d2lmini.exercises.answers.
 * @param {number} value
 * @param {Question} question
 */
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

/**
 * The verdict on what was typed.
 * @param {string} text
 * @param {Question} question
 */
export function judgeText(text, question) {
  if (!text.trim()) return { right: false, message: question.words.empty };
  const value = number(text);
  return Number.isFinite(value) ? judge(value, question) : { right: false, message: question.words.text };
}
