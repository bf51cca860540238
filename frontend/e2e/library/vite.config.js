import { pazpazOtel } from "@pazpaz/otel-browser/vite";
import vue from "@vitejs/plugin-vue";
import { defineConfig } from "vite";

export default defineConfig({ plugins: [vue(), pazpazOtel()] });
