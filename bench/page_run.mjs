// Seconds that a run of two epochs takes in the page's engine: {rows: {batch size: [repeat, …]}} as JSON.
import { readFileSync } from "node:fs";
import { minibatchSgd } from "../d2lmini/js/core/engine.js";
import { table, useTable } from "../d2lmini/js/core/rows.js";
import { finish } from "../d2lmini/js/core/steps.js";

useTable(readFileSync(new URL("../d2lmini/data/airfoil_self_noise.csv", import.meta.url), "utf8"));
const result = {};
for (const copies of [1, 10, 100, 1000]) {
  const taken = (result[copies * table().m] = {});
  for (const [batch_size, lr] of [[1, 0.005], [10, 0.05], [100, 0.4], [1500, 0.9]]) {
    const times = [];
    for (let i = 0; i < (copies > 10 ? 4 : 40); i++) {
      const began = performance.now();
      finish(minibatchSgd(table(), { batch_size, lr, copies }));
      times.push((performance.now() - began) / 1000);
    }
    taken[batch_size] = times.slice(times.length >> 2); // the first quarter warms the compiler up
  }
}
console.log(JSON.stringify(result));
