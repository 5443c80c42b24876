// Which lines of d2lmini/js ran: what Node and the browser noted, the bundle traced back to its sources by its map.
// node tests/coverage.mjs FOLDER, with raw/*.json, page.js and page.js.map in it; fails below LEAST.
import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { CoverageReport } from "monocart-coverage-reports";

const LEAST = 90; // per cent
const folder = process.argv[2];
const text = (...path) => readFileSync(join(...path), "utf8");
const bundle = { url: "page.js", source: text(folder, "page.js"), sourceMap: JSON.parse(text(folder, "page.js.map")) };

/** A script as the report takes it; undefined if it is none of ours. */
function ours({ url, functions }) {
  if (/\/vendor\/page\.js(\?|$)/.test(url)) return { ...bundle, functions };
  if (/^file:.*\/d2lmini\/js\//.test(url)) return { url, functions, source: readFileSync(fileURLToPath(url), "utf8") };
  return undefined;
}

const report = new CoverageReport({
  name: "d2lmini/js",
  outputDir: join(folder, "report"),
  reports: [["console-details", { metrics: ["lines"] }], "html"],
  logging: "error",
  sourceFilter: (path) => path.endsWith(".js"),
  sourcePath: (path) => path.replace(/^.*d2lmini\/js\//, ""),
  onEnd: ({ summary: { lines } }) => {
    if (lines.pct >= LEAST) return;
    console.error(`${lines.pct} % of the lines ran, ${LEAST} should`);
    process.exitCode = 1;
  },
});
for (const name of readdirSync(join(folder, "raw"))) {
  const scripts = JSON.parse(text(folder, "raw", name)).result.map(ours).filter(Boolean);
  if (scripts.length) await report.add(scripts);
}
await report.generate();
