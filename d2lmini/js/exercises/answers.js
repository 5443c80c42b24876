// Judging a short numeric answer: right, or wrong in a way that has a name; the twin of a part of d2lmini/exercises/answers.py.

import { number } from "./written.js";

/** @import { Question } from "../types" */

/**
 * @param {number} value
 * @param {number} wanted
 * @param {number} tolerance
 */
const near = (value, wanted, tolerance) => Math.abs(value - wanted) <= tolerance * Math.abs(wanted);

/**
 * The verdict on a number; see d2lmini.exercises.answers.
 * @param {number} value
 * @param {Question} question
 */
export function judge(value, { right, within, slip, why, wrong, words }) {
  const off = Math.abs(value - right);
  if (off <= within) return { right: true, message: why };
  const slips = wrong.filter(([mistaken]) => near(value, mistaken, slip) && Math.abs(value - mistaken) < off);
  if (slips.length) {
    const [, message] = slips.reduce((a, b) => (Math.abs(value - b[0]) < Math.abs(value - a[0]) ? b : a));
    return { right: false, message };
  }
  if (value < 0) return { right: false, message: words.negative };
  const size = value > right ? "large" : "small";
  const powers = value ? Math.log10(value) - Math.log10(right) : 0.5;
  const isPower = Math.abs(powers) > 0.5 && Math.abs(powers - Math.round(powers)) < slip;
  return { right: false, message: words[isPower ? `power_${size}` : size] };
}

/**
 * The verdict on what was typed.
 * @param {string} text
 * @param {Question} question
 */
export function judgeText(text, question) {
  const { words } = question;
  const value = number(text, question);
  if (typeof value === "string") return { right: false, message: value };
  if (!Number.isFinite(value)) return { right: false, message: words.endless };
  const verdict = judge(value, question);
  if (verdict.right || !text.includes(",")) return verdict;
  const other = number(text.replaceAll(",", "."), question);
  return typeof other === "number" && judge(other, question).right ? { right: false, message: words.comma } : verdict;
}
