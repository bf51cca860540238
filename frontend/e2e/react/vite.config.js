import { pazpazOtel } from "@pazpaz/otel-browser/vite";
import { defineConfig } from "vite";

export default defineConfig({ plugins: [pazpazOtel()], esbuild: { jsx: "automatic" } });
