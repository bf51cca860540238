// The practice page with Sentry's SDK as its documentation sets it up: what our guard is compared with.
import { fileURLToPath } from "node:url";
import vue from "@vitejs/plugin-vue";
import { defineConfig } from "vite";

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

export default defineConfig({
  root: here("../../page"),
  plugins: [vue()],
  resolve: { alias: { "@pazpaz/otel-browser": here("./sentry.ts") } },
  build: { outDir: here("./dist"), emptyOutDir: true, modulePreload: { polyfill: false } },
});
