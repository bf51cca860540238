import { writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { contentSecurityPolicy, nginxPages, pazpazOtel } from "@pazpaz/otel-browser/vite";
import vue from "@vitejs/plugin-vue";
import { defineConfig, loadEnv } from "vite";
import { pages } from "./src/pages";

export default defineConfig(({ mode }) => {
  const env = loadEnv(mode, fileURLToPath(new URL(".", import.meta.url)));
  const backends = (env.VITE_SENTRY_BACKENDS ?? "").split(",").filter(Boolean);
  return {
    plugins: [
      vue(),
      pazpazOtel(),
      {
        // nginx includes these files, so that the page may talk to the DSN's host and to no other, and an unknown path is one.
        name: "nginx",
        apply: "build",
        closeBundle: () => {
          const policy = contentSecurityPolicy(env.VITE_SENTRY_DSN, backends);
          writeFileSync(new URL("csp.conf", import.meta.url), `add_header Content-Security-Policy "${policy}" always;\n`);
          writeFileSync(new URL("pages.conf", import.meta.url), nginxPages(Object.values(pages)));
        },
      },
    ],
    build: { sourcemap: "hidden", modulePreload: { polyfill: false } },
    server: { proxy: { "/api": "http://127.0.0.1:8000", "/test": "http://127.0.0.1:8000" } },
  };
});
