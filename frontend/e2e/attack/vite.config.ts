// The application that is attacked: with this package, or in the mode `stock` with Sentry's SDK as its documentation sets it up.
import { fileURLToPath } from "node:url";
import { pazpazOtel } from "@pazpaz/otel-browser/vite";
import vue from "@vitejs/plugin-vue";
import { defineConfig } from "vite";

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

export default defineConfig(({ mode }) => ({
  root: here("."),
  plugins: mode === "stock" ? [vue()] : [vue(), pazpazOtel()],
  resolve: mode === "stock" ? { alias: { "@pazpaz/otel-browser": here("./stock.js") } } : {},
  build: { outDir: here(mode === "stock" ? "./dist-stock" : "./dist-ours"), emptyOutDir: true, modulePreload: { polyfill: false }, chunkSizeWarningLimit: 2000 },
}));
