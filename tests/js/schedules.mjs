// [[schedule, arguments, [[t, epoch], …]], …] in, each schedule's factors out.
import { readFileSync } from "node:fs";
import * as schedules from "../../d2lmini/js/core/schedules.js";

const jobs = JSON.parse(readFileSync(0, "utf8"));
const factors = ([name, given, times]) => times.map(([t, epoch]) => schedules[name](...given)(t, epoch));
process.stdout.write(JSON.stringify(jobs.map(factors)));
