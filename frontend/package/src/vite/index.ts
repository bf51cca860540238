export { contentSecurityPolicy } from "./csp.js";
import { fileURLToPath } from "node:url";
import type { Plugin, ResolvedConfig } from "vite";
import type { BuildFacts } from "../facts.js";
import { collectModule, collectStyles, emptyCollection, type Node } from "./collect.js";

/** What the plug-in takes. */
export interface PazpazOtelOptions {
  /** Packages below `node_modules` whose source proves texts too, `["axios"]`; none. */
  readonly dependencies?: readonly string[];
}

/** The module of this package in whose place the facts of the build are put. */
const FACTS_MODULE = ["../build.js", "../build.ts"].map((path) => fileURLToPath(new URL(path, import.meta.url)));

const PLACEHOLDER = "__PAZPAZ_OTEL_BUILD_FACTS__";

const STYLES = /(?:\.|[?&]lang\.)(?:css|scss|sass|less|styl|stylus|pcss|postcss)(?:$|[?&])/;

/**
 * Tells the browser's guard what the application's own source says, so that an error with a message of the source is
 * still readable: literals of raised and logged messages, names, request paths, class names, and the settings of the
 * build.
 */
export function pazpazOtel(options: PazpazOtelOptions = {}): Plugin[] {
  const collected = emptyCollection();
  let config: ResolvedConfig;

  const facts = (): BuildFacts => ({
    ...settings(config),
    messages: sorted(collected.messages),
    names: sorted(collected.names),
    routes: sorted(collected.routes),
    classes: sorted(collected.classes),
  });

  const early: Plugin = {
    name: "pazpaz-otel:styles",
    enforce: "pre",
    config: () => ({ optimizeDeps: { exclude: ["@pazpaz/otel-browser"] } }),
    configResolved(resolved) {
      config = resolved;
    },
    transform(code, id) {
      if (STYLES.test(id) && isSource(id, options)) collectStyles(code, collected);
      if (!FACTS_MODULE.includes(id.split("?", 1)[0] ?? "")) return undefined;
      const text = config.command === "serve" ? JSON.stringify(JSON.stringify(facts())) : JSON.stringify(PLACEHOLDER);
      return { code: `export const facts = JSON.parse(${text});\n`, map: null };
    },
  };

  const late: Plugin = {
    name: "pazpaz-otel:source",
    enforce: "post",
    transform(code, id) {
      if (!STYLES.test(id) && /\.(?:[cm]?[jt]sx?|vue)(?:$|\?)/.test(id) && isSource(id, options)) {
        collectModule(this.parse(code) as unknown as Node, collected);
      }
      return undefined;
    },
    renderChunk(code) {
      // The text has no line break, so that positions in other lines stay.
      return code.includes(PLACEHOLDER) ? { code: code.replace(PLACEHOLDER, () => escaped(facts())), map: null } : undefined;
    },
  };

  return [early, late];
}

function settings(config: ResolvedConfig): BuildFacts {
  const env = config.env as Record<string, string | undefined>;
  const { VITE_SENTRY_DSN: dsn, VITE_SENTRY_RELEASE: release, VITE_SENTRY_ENVIRONMENT: environment } = env;
  const base = config.base.startsWith("/") ? config.base : "/";
  return {
    ...(dsn ? { dsn } : {}),
    ...(release ? { release } : {}),
    environment: environment ?? config.mode,
    assets: `${base}${config.build.assetsDir}/`,
    development: config.command === "serve",
  };
}

/** Whether a module is the application's own or one of the named packages'. */
function isSource(id: string, options: PazpazOtelOptions): boolean {
  if (id.includes("\0") || FACTS_MODULE.some((module) => id.startsWith(module.replace(/build\.[jt]s$/, "")))) return false;
  const inPackages = id.lastIndexOf("/node_modules/");
  if (inPackages < 0) return true;
  const inside = id.slice(inPackages + "/node_modules/".length);
  return (options.dependencies ?? []).some((name) => inside.startsWith(`${name}/`));
}

/** JSON as the inside of a string literal in double quotes. */
function escaped(value: BuildFacts): string {
  return JSON.stringify(JSON.stringify(value)).slice(1, -1);
}

function sorted(texts: ReadonlySet<string>): string[] {
  return [...texts].sort();
}
