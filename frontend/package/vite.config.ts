import { defineConfig } from "vitest/config";
import { fingerprint } from "./src/facts.js";

/** Puts the fingerprints of the engines' messages in the place of their texts, which are four times as long. */
const folded = {
  name: "fingerprints",
  enforce: "pre" as const,
  transform: (code: string, id: string): string | undefined =>
    id.endsWith("/src/engine-texts.ts")
      ? code.replace(/fingerprints\(`([^`]*)`\)/g, (_call, lines: string) => JSON.stringify(lines.split("\n").filter(Boolean).map(fingerprint).join("")))
      : undefined,
};

export default defineConfig({
  plugins: [folded],
  build: {
    target: "es2022",
    lib: {
      entry: Object.fromEntries(["index", "without-replay", "vanilla", "react", "vite/index"].map((name) => [name, `src/${name}.ts`])),
      formats: ["es"],
    },
    rolldownOptions: {
      external: [/^@sentry\//, /^node:/, /^vite$/, /^vue/],
      // One file a module, so that bundlers drop those that they don't need.
      output: { preserveModules: true, preserveModulesRoot: "src", entryFileNames: "[name].js" },
    },
    minify: false,
    sourcemap: false,
  },
  test: {
    include: ["test/**/*.test.ts"],
    // No test is timed: a loaded machine is slow and right.
    testTimeout: 60_000,
    hookTimeout: 60_000,
    // Vitest's own copies of packages can be loaded anew for each test.
    server: { deps: { inline: [/@sentry/] } },
  },
});
