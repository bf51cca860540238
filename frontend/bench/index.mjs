// Measures what this package costs beside plain `@sentry/vue`: `npm run bench`; with `--check`, fails where a budget doesn't hold.
// Sizes are the same on every machine; times are compared within one run, and aren't checked where others use the machine.
import { readFileSync } from "node:fs";
import { measureBundles } from "./bundles.mjs";

const budgets = JSON.parse(readFileSync(new URL("budgets.json", import.meta.url), "utf8"));
const check = process.argv.includes("--check");

const sizes = await measureBundles();
const [withReplay, without] = ["with replay", "without"].map((kind) => sizes[`ours, ${kind}`].all - sizes[`stock, ${kind}`].all);
const share = Math.max(...["with replay", "without"].map((kind) => sizes[`ours, ${kind}`].facts / sizes[`ours, ${kind}`].all));
const rows = [
  ...Object.entries(sizes).map(([name, { all, facts }]) => [`scripts, gzip: ${name}`, `${all} B${facts > 0 ? `, ${facts} B of it facts` : ""}`]),
  ["added with replay", `${withReplay} B (budget ${budgets.withReplay})`],
  ["added without", `${without} B (budget ${budgets.without})`],
  ["facts' share", `${(share * 100).toFixed(2)} % (budget ${budgets.facts * 100})`],
];

if (!check) {
  const { measureTransaction } = await import("./guard.mjs");
  const { measureTable } = await import("./table.mjs");
  rows.push(["transaction of 300 spans, 844 routes", `${measureTransaction().toFixed(2)} ms`]);
  const { stock, ours } = await measureTable();
  rows.push(["table of 5,000 rows, recorded: tasks", `${ours.toFixed(0)} ms, stock ${stock.toFixed(0)} ms, ratio ${(ours / stock).toFixed(2)}`]);
}

for (const [name, value] of rows) console.log(`${name.padEnd(44)}${value}`);
process.exitCode = check && (withReplay > budgets.withReplay || without > budgets.without || share > budgets.facts) ? 1 : 0;
