// A new application, set up as the package's README says.
import { fileURLToPath } from "node:url";
import { pazpazOtel } from "@pazpaz/otel-browser/vite";
import vue from "@vitejs/plugin-vue";
import { defineConfig } from "vite";

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

export default defineConfig({
  root: here("."),
  plugins: [vue(), pazpazOtel()],
  build: { outDir: here("./dist"), emptyOutDir: true },
});
