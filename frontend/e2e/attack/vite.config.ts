// The application that is attacked: with this package, or in the mode `stock` with Sentry's SDK as its documentation sets it up;
// of Vue, or in the mode `react` of React.
import { fileURLToPath } from "node:url";
import { pazpazOtel } from "@pazpaz/otel-browser/vite";
import vue from "@vitejs/plugin-vue";
import { defineConfig } from "vite";

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

export default defineConfig(({ mode }) => ({
  root: here("."),
  plugins: mode === "stock" ? [vue()] : [vue(), pazpazOtel()],
  resolve: {
    alias: {
      "#application": here(mode === "react" ? "./react.js" : "./vue.js"),
      ...(mode === "stock" ? { "@pazpaz/otel-browser": here("./stock.js") } : {}),
    },
  },
  build: { outDir: here(`./dist-${mode === "production" ? "ours" : mode}`), emptyOutDir: true, modulePreload: { polyfill: false }, chunkSizeWarningLimit: 2000 },
}));
