// [{question, values, texts}, …] in: the page's verdict on each value, and on each text with what it reads there.
import { readFileSync } from "node:fs";
import { judge, judgeText } from "../../d2lmini/js/exercises/answers.js";
import { number } from "../../d2lmini/js/exercises/written.js";

const read = (said) => (typeof said === "number" ? { number: String(said) } : { said });
const answer = ({ question, values = [], texts = [] }) => ({
  values: values.map((value) => judge(value, question)),
  texts: texts.map((text) => ({ read: read(number(text, question)), ...judgeText(text, question) })),
});
process.stdout.write(JSON.stringify(JSON.parse(readFileSync(0, "utf8")).map(answer)));
