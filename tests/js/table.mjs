// [[figure, most], …] in, the tables of each figure out.
import { readFileSync } from "node:fs";
import { panels } from "../../d2lmini/js/page/table.js";

const asked = JSON.parse(readFileSync(0, "utf8"));
process.stdout.write(JSON.stringify(asked.map(([figure, most]) => panels(figure, most))));
