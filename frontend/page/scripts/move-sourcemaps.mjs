// Takes the source maps out of what is served, each with its script beside it: `sourcemaps/` is for `sentry-cli sourcemaps upload`,
// which finds the map of a script that names none by its place, and Sentry a frame's map by the script.
import { copyFileSync, mkdirSync, readdirSync, renameSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const page = dirname(dirname(fileURLToPath(import.meta.url)));
const assets = join(page, "dist", "assets");
const kept = join(page, "sourcemaps", "assets");
rmSync(kept, { recursive: true, force: true });
mkdirSync(kept, { recursive: true });
for (const name of readdirSync(assets).filter((file) => file.endsWith(".map"))) {
  renameSync(join(assets, name), join(kept, name));
  copyFileSync(join(assets, name.slice(0, -".map".length)), join(kept, name.slice(0, -".map".length)));
}
