// [{question, values, texts}, …] in: the page's verdict on each value, and the number that it reads in each text.
import { readFileSync } from "node:fs";
import { judge, judgeText, number } from "../../d2lmini/js/exercises/answers.js";

const answer = ({ question, values = [], texts = [] }) => ({
  values: values.map((value) => judge(value, question)),
  texts: texts.map((text) => [String(number(text)), judgeText(text, question)]),
});
process.stdout.write(JSON.stringify(JSON.parse(readFileSync(0, "utf8")).map(answer)));
