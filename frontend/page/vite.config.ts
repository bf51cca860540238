import { writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { contentSecurityPolicy, pazpazOtel } from "@pazpaz/otel-browser/vite";
import vue from "@vitejs/plugin-vue";
import { defineConfig, loadEnv } from "vite";

export default defineConfig(({ mode }) => {
  const dsn = loadEnv(mode, fileURLToPath(new URL(".", import.meta.url))).VITE_SENTRY_DSN;
  return {
    plugins: [
      vue(),
      pazpazOtel(),
      {
        // nginx includes this file, so that the page may talk to the DSN's host and to no other.
        name: "nginx-csp",
        apply: "build",
        closeBundle: () => {
          const policy = contentSecurityPolicy(dsn);
          writeFileSync(new URL("csp.conf", import.meta.url), `add_header Content-Security-Policy "${policy}" always;\n`);
        },
      },
    ],
    build: { sourcemap: "hidden", modulePreload: { polyfill: false } },
    server: { proxy: { "/api": "http://127.0.0.1:8000", "/test": "http://127.0.0.1:8000" } },
  };
});
