// [[computation, settings], …] in, the last result of each out; all of its results if a third item is true.
import { readFileSync } from "node:fs";
import * as computations from "../../d2lmini/js/computations.js";
import { useTable } from "../../d2lmini/js/engine.js";

useTable(readFileSync(new URL("../../d2lmini/data/airfoil_self_noise.csv", import.meta.url), "utf8"));
const jobs = JSON.parse(readFileSync(0, "utf8"));
const answer = ([name, settings, all]) => {
  const results = [...computations[name](settings)].filter(Boolean);
  return all ? results : results.at(-1);
};
process.stdout.write(JSON.stringify(jobs.map(answer)));
