// Builds the page with this package and with plain `@sentry/vue`, with and without recordings, and adds up what its scripts
// are, compressed.
import { readFileSync, readdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import vue from "@vitejs/plugin-vue";
import { build } from "vite";
import { pazpazOtel } from "../package/dist/vite/index.js";

const here = (path) => fileURLToPath(new URL(path, import.meta.url));

/** The variants of the page: what takes the package's place, and whether the plug-in is there. */
const VARIANTS = {
  "stock, with replay": { entry: here("../e2e/stock/sentry.ts"), isOurs: false },
  "stock, without": { entry: here("../e2e/stock/errors.ts"), isOurs: false },
  "ours, with replay": { entry: here("../package/dist/index.js"), isOurs: true },
  "ours, without": { entry: here("../package/dist/without-replay.js"), isOurs: true },
};

/** The compressed size of each variant's scripts, in bytes, and of the facts among them. */
export async function measureBundles() {
  const sizes = {};
  for (const [name, { entry, isOurs }] of Object.entries(VARIANTS)) {
    const outDir = mkdtempSync(join(tmpdir(), "bundle-"));
    try {
      await build({
        configFile: false,
        root: here("../page"),
        logLevel: "silent",
        plugins: [vue(), ...(isOurs ? [pazpazOtel()] : [])],
        resolve: { alias: [{ find: /^@pazpaz\/otel-browser$/, replacement: entry }] },
        build: { outDir, emptyOutDir: true, modulePreload: { polyfill: false } },
      });
      const files = readdirSync(join(outDir, "assets")).filter((file) => file.endsWith(".js"));
      const size = (file) => gzipSync(readFileSync(join(outDir, "assets", file))).length;
      sizes[name] = { all: total(files.map(size)), facts: total(files.filter((file) => file.includes("facts-")).map(size)) };
    } finally {
      rmSync(outDir, { recursive: true });
    }
  }
  return sizes;
}

function total(numbers) {
  return numbers.reduce((sum, number) => sum + number, 0);
}
