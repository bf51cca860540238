import { defineConfig } from "vitest/config";

export default defineConfig({
  build: {
    target: "es2022",
    lib: { entry: { index: "src/index.ts", "vite/index": "src/vite/index.ts" }, formats: ["es"] },
    rolldownOptions: {
      external: [/^@sentry\//, /^node:/, /^vite$/, /^vue/],
      // One file a module: the Vite plug-in replaces one of them, and bundlers drop those that they don't need.
      output: { preserveModules: true, preserveModulesRoot: "src", entryFileNames: "[name].js" },
    },
    minify: false,
    sourcemap: false,
  },
  test: {
    include: ["test/**/*.test.ts"],
  },
});
