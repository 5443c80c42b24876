// node tools/mutants.mjs FILE …: for each file, the changes [start, end, text] that break it, as tools/mutants.py says.
import { readFileSync } from "node:fs";
import { parse } from "../tests/node_modules/acorn/dist/acorn.mjs";

const SWAPS = {
  "+": "-", "-": "+", "*": "/", "/": "*", "%": "*", "**": "*", "<": "<=", "<=": "<", ">": ">=", ">=": ">", "===": "!==", "!==": "===",
  "&&": "||", "||": "&&", "??": "&&", "&": "|", "|": "&", "^": "|", "<<": ">>", ">>": "<<", ">>>": "<<", "+=": "-=", "-=": "+=", "*=": "/=",
  "++": "--", "--": "++",
}; // prettier-ignore
const NAMES = { min: "max", max: "min", floor: "ceil", ceil: "floor", some: "every", every: "some", cos: "sin", sin: "cos", shift: "pop" };

/** Every change of a node and of what is in it. */
function* changes(node, source) {
  /** The operator between two operands. */
  const between = function* (left, right, operator, own = SWAPS[operator]) {
    const gap = source.slice(left, right).replace(/\/\*.*?\*\/|\/\/.*/g, (comment) => " ".repeat(comment.length));
    const start = left + gap.indexOf(operator);
    if (own) yield [start, start + operator.length, own];
  };
  const isPlain = (test) => !["BinaryExpression", "LogicalExpression", "UnaryExpression"].includes(test.type);
  const whole = (text) => [node.start, node.end, text];
  const { type, operator } = node;
  if (type === "BinaryExpression" || type === "LogicalExpression" || type === "AssignmentExpression") {
    yield* between(node.left.end, node.right.start, operator);
  } else if (type === "UpdateExpression") {
    yield node.prefix ? [node.start, node.start + 2, SWAPS[operator]] : [node.end - 2, node.end, SWAPS[operator]];
  } else if (type === "UnaryExpression" && (operator === "!" || operator === "-")) {
    yield [node.start, node.argument.start, ""];
  } else if (type === "Literal" && typeof node.value === "boolean") {
    yield whole(String(!node.value));
  } else if (type === "Literal" && typeof node.value === "number") {
    yield whole(String(Number.isInteger(node.value) ? node.value + 1 : 2 * node.value));
  } else if (type === "CallExpression" && node.callee.type === "MemberExpression" && Object.hasOwn(NAMES, node.callee.property.name)) {
    const { start, end, name } = node.callee.property;
    yield [start, end, NAMES[name]];
  } else if ((type === "IfStatement" || type === "ConditionalExpression" || type === "WhileStatement") && isPlain(node.test)) {
    yield [node.test.start, node.test.start, "!"];
  } else if (type === "ReturnStatement" && node.argument && source.slice(node.argument.start, node.argument.end) !== "undefined") {
    yield [node.argument.start, node.argument.end, "undefined"];
  } else if (type === "ExpressionStatement" && ["CallExpression", "AssignmentExpression", "UpdateExpression"].includes(node.expression.type)) {
    yield whole(";");
  } else if (type === "ContinueStatement" || type === "BreakStatement") {
    yield whole(";");
  }
  for (const part of Object.values(node).flat()) if (typeof part?.type === "string") yield* changes(part, source);
}

const all = process.argv.slice(2).map((path) => {
  const source = readFileSync(path, "utf8");
  return [...changes(parse(source, { ecmaVersion: "latest", sourceType: "module" }), source)];
});
process.stdout.write(JSON.stringify(all));
