// What a page's main thread has to do while a table of 5,000 rows is recorded, with this package and with plain `@sentry/vue`.
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { extname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "vite";
import { withPage } from "../e2e/browser.mjs";
import { pazpazOtel } from "../package/dist/vite/index.js";

const here = (path) => fileURLToPath(new URL(path, import.meta.url));
const TYPES = { ".html": "text/html", ".js": "text/javascript", ".css": "text/css" };
const DEADLINE = 60_000;

/** Milliseconds of tasks by variant, the median of `runs` that alternate. */
export async function measureTable(runs = 5) {
  const built = {
    stock: await builtWith(here("../e2e/stock/sentry.ts"), false),
    ours: await builtWith(here("../package/dist/index.js"), true),
  };
  const took = { stock: [], ours: [] };
  try {
    for (let run = 0; run < runs; run += 1) for (const name of ["stock", "ours"]) took[name].push(await taskTime(built[name]));
  } finally {
    for (const folder of Object.values(built)) rmSync(folder, { recursive: true });
  }
  const median = (numbers) => numbers.sort((a, b) => a - b)[numbers.length >> 1];
  return { stock: median(took.stock), ours: median(took.ours) };
}

async function builtWith(entry, isOurs) {
  const outDir = mkdtempSync(join(tmpdir(), "table-"));
  await build({
    configFile: false,
    root: here("./table"),
    logLevel: "silent",
    plugins: isOurs ? [pazpazOtel()] : [],
    resolve: { alias: [{ find: /^@pazpaz\/otel-browser$/, replacement: entry }] },
    build: { outDir, emptyOutDir: true, modulePreload: { polyfill: false } },
  });
  return outDir;
}

/** The processor time of the main thread's tasks from before the table is made until its recording has left. */
async function taskTime(root) {
  const server = createServer((request, response) => {
    const file = request.url.startsWith("/assets/") ? request.url : "/index.html";
    response.writeHead(200, { "content-type": TYPES[extname(file)] ?? "text/plain" });
    response.end(readFileSync(join(root, file)));
  });
  await new Promise((listening) => server.listen(0, "127.0.0.1", listening));
  try {
    return await withPage(async (page) => {
      let recorded = 0;
      await page.route("https://sentry.example/**", async (route) => {
        recorded += route.request().postDataBuffer()?.length ?? 0;
        await route.fulfill({ status: 200, body: "{}", headers: { "access-control-allow-origin": "*" } });
      });
      // Every draw is below the rate, so that the session is recorded.
      await page.addInitScript("Math.random = () => 0");
      await page.goto(`http://127.0.0.1:${server.address().port}/`);
      const client = await page.context().newCDPSession(page);
      await client.send("Performance.enable", { timeDomain: "threadTicks" });
      const spent = async () => (await client.send("Performance.getMetrics")).metrics.find(({ name }) => name === "TaskDuration").value * 1000;
      const before = await spent();
      await page.click("#fill");
      const deadline = Date.now() + DEADLINE;
      while (recorded < 20_000) {
        if (Date.now() > deadline) throw new Error("the recording didn't leave");
        await page.waitForTimeout(200);
      }
      return (await spent()) - before;
    });
  } finally {
    server.close();
  }
}
