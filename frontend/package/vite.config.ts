import { defineConfig } from "vitest/config";

export default defineConfig({
  build: {
    target: "es2022",
    lib: {
      entry: Object.fromEntries(["index", "without-replay", "vanilla", "vite/index"].map((name) => [name, `src/${name}.ts`])),
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
  },
});
