// The number that a text says, as people write it: the twin of d2lmini/exercises/written.py, where it is told what that is.

/** @import { Question } from "../types" */

const LONGEST = 100;
const THOUSANDS = /^[1-9]\d{0,2}(,\d{3})+(?![\d,])/;
const TOKEN =
  /(?:[1-9]\d{0,2}(?:,\d{3})+(?![\d,])(?:\.\d*)?|\d+[.,]\d+|\d+\.?|[.,]\d+)(?:[eE][+-]?\d+)?|[-+*/^()]|[^ \t\n\r\u00a0\u2009\u202f\d+*/^()-]{1,20}/gu;
/** What binds more strongly is higher. @type {Record<string, number>} */
const LEVEL = { "+": 1, "-": 1, "*": 2, "/": 2, "^": 3 };

/** Its text is what the reader is told. */
class Refused extends Error {}

/** @param {string} text */
const trimmed = (text) => text.replace(/^[ \t\n\r\u00a0\u2009\u202f]+|[ \t\n\r\u00a0\u2009\u202f]+$/g, "");

/**
 * The number that a text says, infinity and NaN if it is too large, or a sentence on why it says none.
 * @type {(text: string, question: Pick<Question, "unit" | "words">) => number | string}
 */
export function number(text, { unit, words }) {
  if (text.length > 2 * LONGEST || [...text].length > LONGEST) return words.long;
  let rest = trimmed(text);
  if (rest.slice(-unit.length).toLowerCase() === unit.toLowerCase()) rest = trimmed(rest.slice(0, -unit.length));
  const whole = rest.endsWith("%") ? 100 : 1;
  if (whole > 1) rest = trimmed(rest.slice(0, -1));
  if (!rest) return words.empty;
  const tokens = rest.replace(/[−–]/g, "-").replace(/[×·⋅]/g, "*").replaceAll("÷", "/").replaceAll("**", "^").match(TOKEN) ?? [];
  tokens.reverse();

  const next = () => {
    const token = tokens.pop();
    if (!token) throw new Refused(words.end);
    return token;
  };
  /** @param {string} part */
  const unread = (part) => new Refused(words.unread.replace("{part}", () => part));
  /** @type {(a: number, b: number) => number} */
  const ratio = (a, b) => {
    if (b === 0) throw new Refused(words.zero);
    return a / b;
  };
  /** @type {(base: number, exponent: number) => number} */
  const power = (base, exponent) => {
    let left = Math.abs(exponent);
    let result = 1;
    if (left % 1 === 0.5) [base, left] = [Math.sqrt(base), left * 2];
    if (left % 1 !== 0) throw new Refused(words.exponent);
    for (; left; left = (left - (left % 2)) / 2) {
      if (left % 2) result *= base;
      base *= base;
    }
    return exponent < 0 ? ratio(1, result) : result;
  };
  /** @type {Record<string, (a: number, b: number) => number>} */
  const joined = { "+": (a, b) => a + b, "-": (a, b) => a - b, "*": (a, b) => a * b, "/": ratio, "^": power };
  /** What the next parts say, up to a sign that binds less strongly than this. @type {(level: number) => number} */
  const value = (level) => {
    let token = next();
    let result;
    if (token === "+" || token === "-") {
      result = value(3);
      if (token === "-") result = -result;
    } else if (token === "(") {
      result = value(1);
      token = next();
      if (token !== ")") throw unread(token);
    } else if (/^[.,]?\d/.test(token)) {
      result = Number(THOUSANDS.test(token) ? token.replaceAll(",", "") : token.replace(",", "."));
    } else {
      throw unread(token);
    }
    while (LEVEL[tokens.at(-1) ?? ""] >= level) {
      const sign = next();
      result = joined[sign](result, value(Math.min(LEVEL[sign] + 1, 3)));
    }
    return result;
  };

  try {
    const result = value(1);
    if (tokens.length) throw unread(next());
    return result / whole;
  } catch (error) {
    if (error instanceof Refused) return error.message;
    throw error;
  }
}
