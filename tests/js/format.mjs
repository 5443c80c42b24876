// [[value, spec], …] in, each value as the page's sentences write it out.
import { readFileSync } from "node:fs";
import { format } from "../../d2lmini/js/core/format.js";

const jobs = JSON.parse(readFileSync(0, "utf8"));
process.stdout.write(JSON.stringify(jobs.map(([value, spec]) => format(value, spec))));
