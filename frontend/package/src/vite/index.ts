export { contentSecurityPolicy } from "./csp.js";
export { nginxPages } from "./pages.js";
import { homedir, tmpdir } from "node:os";
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import type { Plugin, ResolvedConfig, Rollup } from "vite";
import { fields } from "../reading.js";
import { collectModule, collectPages, emptyCollection, type Collected, type Node } from "./collect.js";
import { buildFacts, moduleFacts, statesOf, type Written } from "./facts.js";
import { withFacts, withoutReplay } from "./imports.js";
import { isUnsent, withoutBodies } from "./unsent.js";

/** What the plug-in takes. */
export interface PazpazOtelOptions {
  /** Packages below `node_modules` whose source proves texts too, `["axios"]`; none. */
  readonly dependencies?: readonly string[];
}

/** The module that hands the facts over; a chunk of its own. */
const FACTS = "virtual:pazpaz-otel/facts";

const RESOLVED = `\0${FACTS}`;

const PLACEHOLDER = "__PAZPAZ_OTEL_FACTS__";

/** Filled in when style sheets have their names, which is after scripts have theirs. */
const STYLES = "__PAZPAZ_OTEL_STYLES__";
const STATES = "__PAZPAZ_OTEL_STATES__";

const HAND_OVER = '(globalThis[Symbol.for("@pazpaz/otel-browser")] ??= []).push';

/** Sentry's own switches for what the guard never uses: its log, the worker that compresses recordings, frames in them. */
const UNUSED = { __SENTRY_DEBUG__: false, __SENTRY_EXCLUDE_REPLAY_WORKER__: true, __RRWEB_EXCLUDE_IFRAME__: true };

/** What Vue says in development of where it caught an error; a build says it by a number. */
const HOOKS =
  "setup function, render function, component update, beforeCreate hook, created hook, beforeMount hook, mounted hook, beforeUpdate hook, updated, beforeUnmount hook, unmounted hook, activated hook, deactivated hook, errorCaptured hook, renderTracked hook, renderTriggered hook, native event handler, component event handler, vnode hook, directive hook, transition hook, app errorHandler, app warnHandler, ref function, async component loader, scheduler flush, serverPrefetch hook, app unmount cleanup function, watcher getter, watcher callback, watcher cleanup function".replaceAll(", ", "\n");

const THIS_PACKAGE = `${dirname(dirname(fileURLToPath(import.meta.url)))}/`;

const SCRIPT = /\.(?:[cm]?[jt]sx?|vue|svelte|astro)(?:$|\?)/;

const STYLE = /(?:\.|[?&]lang\.|type=style)(?:css|scss|sass|less|styl|stylus|pcss|postcss)?(?:$|[?&])/;

/**
 * Tells the browser's guard what the application's own source says, so that an error with a message of the source is
 * still readable: literals of raised and logged messages, names, paths, and the settings and files of the build.
 *
 * The facts are a chunk of their own, which every build names anew; the chunks of packages keep their names.
 */
export function pazpazOtel(options: PazpazOtelOptions = {}): Plugin[] {
  const build = new Build(options);
  return [
    {
      name: "pazpaz-otel:facts",
      enforce: "pre",
      config: (given, { command }) => ({
        optimizeDeps: { exclude: ["@pazpaz/otel-browser"] },
        ...(command === "build" ? { define: { ...UNUSED, ...given.define } } : {}),
      }),
      configResolved(resolved) {
        build.config = resolved;
      },
      buildStart() {
        build.begin();
        if (build.hasChunks) this.emitFile({ type: "chunk", id: FACTS, name: "facts", preserveSignature: "allow-extension" });
      },
      resolveId: (id) => (id === FACTS ? RESOLVED : undefined),
      load: (id) => (id === RESOLVED ? { code: build.module(), moduleSideEffects: true } : undefined),
    },
    {
      name: "pazpaz-otel:source",
      enforce: "post",
      transform(code, id, how) {
        if (id === RESOLVED || STYLE.test(id)) return undefined;
        return build.transform(code, id, how?.ssr === true, (text) => this.parse(text) as unknown as Node);
      },
      renderChunk(code, chunk, _options, meta) {
        if (!code.includes(PLACEHOLDER)) return undefined;
        // The text has no line break, so that positions in other lines stay.
        return { code: code.replace(PLACEHOLDER, () => build.written(chunk.fileName, Object.keys(meta.chunks))), map: null };
      },
      generateBundle(_options, bundle) {
        build.fillIn(bundle);
      },
    },
  ];
}

/** One run of the bundler, or a development server's life. */
class Build {
  config: ResolvedConfig | undefined;
  readonly #options: PazpazOtelOptions;
  #collected: Collected = emptyCollection();
  #source = new Map<string, string>();

  constructor(options: PazpazOtelOptions) {
    this.#options = options;
  }

  get #isServed(): boolean {
    return this.config?.command === "serve";
  }

  /** Whether the build's output has chunks: one file for everything can't have one for the facts. */
  get hasChunks(): boolean {
    if (this.#isServed || this.config === undefined || this.config.build.ssr !== false || this.config.build.lib !== false) return false;
    // Vite 8 has them by another name.
    const build: Record<string, unknown> = { ...this.config.build };
    const { output } = fields(build.rolldownOptions ?? build.rollupOptions);
    return [output].flat().every((one) => {
      const { format = "es", inlineDynamicImports, codeSplitting } = fields(one);
      return format === "es" && inlineDynamicImports !== true && codeSplitting !== false;
    });
  }

  begin(): void {
    this.#collected = emptyCollection();
    this.#source = new Map();
  }

  /** The module that hands the facts over. */
  module(): string {
    const facts = this.#isServed ? JSON.stringify(JSON.stringify(this.#settings())) : JSON.stringify(PLACEHOLDER);
    return `${HAND_OVER}([${facts}, import.meta.url]);\n`;
  }

  /** Reads a module of the application; its own code changes only where it starts Sentry, or where it is served, Sentry's where nothing of it is sent. */
  transform(code: string, id: string, isServer: boolean, parse: (code: string) => Node): { code: string; map: null } | undefined {
    if (isUnsent(id)) return this.#isServed ? undefined : { code: withoutBodies(code, parse(code)), map: null };
    if (!SCRIPT.test(id) || id.startsWith(THIS_PACKAGE)) {
      this.#readPages(code, id, parse);
      return undefined;
    }
    if (!this.#isOwn(id)) return undefined;
    const program = parse(code);
    const collected = this.#isServed ? emptyCollection() : this.#collected;
    collectModule(program, collected, (text) => this.#isOfMachine(text));
    if (isServer) return undefined;
    this.#source.set(id, code);
    const starting = withFacts(withoutReplay(code, program), program, FACTS);
    if (!this.#isServed) return starting === code ? undefined : { code: starting, map: null };
    const facts = { ...moduleFacts(collected), ...this.#served(id) };
    return { code: `${starting}\n;${HAND_OVER}([${JSON.stringify(JSON.stringify(facts))}, import.meta.url]);`, map: null };
  }

  /** A module that nobody wrote can list pages, as one that is made of the names of files. */
  #readPages(code: string, id: string, parse: (code: string) => Node): void {
    if (id.includes("/node_modules/") || id.startsWith(THIS_PACKAGE) || this.#isServed || !/\bpath\b/.test(code) || /^\0?(?:vite|commonjs|rolldown)/.test(id)) return;
    try {
      collectPages(parse(code), this.#collected);
    } catch {
      // It isn't a script.
    }
  }

  /** The facts as the inside of a string literal in double quotes. */
  written(self: string, chunks: readonly string[]): string {
    const facts = {
      ...this.#settings(),
      ...buildFacts(this.#collected, this.#source.values()),
      self,
      files: [...chunks, STYLES].join("\n"),
      states: STATES,
    };
    return JSON.stringify(JSON.stringify(facts)).slice(1, -1);
  }

  /** Puts the names of style sheets, and the class names in them that tell a state, where they have been left out. */
  fillIn(bundle: Rollup.OutputBundle): void {
    const files = Object.values(bundle);
    const sheets = files.filter((file) => file.type === "asset").filter((file) => file.fileName.endsWith(".css"));
    for (const file of files) {
      if (file.type !== "chunk" || !file.code.includes(STYLES)) continue;
      const texts = sheets.map(({ source }) => (typeof source === "string" ? source : new TextDecoder().decode(source)));
      file.code = file.code
        .replace(STYLES, () => inside(sheets.map(({ fileName }) => fileName)))
        .replace(STATES, () => inside(statesOf(this.#collected, texts)));
    }
  }

  #settings(): Written {
    const env = this.config?.env as Record<string, string | undefined>;
    const { VITE_SENTRY_DSN: dsn, VITE_SENTRY_RELEASE: release, VITE_SENTRY_ENVIRONMENT: environment, VITE_SENTRY_BACKENDS: backends } = env;
    return {
      ...(dsn ? { dsn } : {}),
      ...(release ? { release } : {}),
      ...(backends ? { backends: listed(backends).join("\n") } : {}),
      environment: environment || (this.config?.mode ?? "production"),
      ...(this.#isServed ? { development: true, messages: HOOKS } : {}),
    };
  }

  /** A served module's own address, which a stack names. */
  #served(id: string): Written {
    const root = this.config?.root ?? "";
    const path = id.split("?", 1)[0] ?? "";
    const self = path.startsWith(`${root}/`) ? path.slice(root.length) : `/@fs${path}`;
    return { self, files: self };
  }

  /** Whether a module is the application's own or one of the named packages'. */
  #isOwn(id: string): boolean {
    if (id.includes("\0") || id.startsWith(THIS_PACKAGE)) return false;
    const inPackages = id.lastIndexOf("/node_modules/");
    if (inPackages < 0) return true;
    const name = id.slice(inPackages + "/node_modules/".length);
    return (this.#options.dependencies ?? []).some((dependency) => name.startsWith(`${dependency}/`));
  }

  /** Whether a text is a path of the machine that builds. */
  #isOfMachine(text: string): boolean {
    return [this.config?.root, process.cwd(), homedir(), tmpdir()].some((folder) => folder !== undefined && folder.length > 1 && text.startsWith(folder));
  }
}

/** The members of a list that is written with commas. */
function listed(text: string): string[] {
  return text.split(",").map((member) => member.trim()).filter(Boolean);
}

/** Lines as they stand inside of a string literal, whichever quotes it has; a name that would end one is left out. */
function inside(names: readonly string[]): string {
  return names.filter((name) => !/["'`\\$\n]/.test(name)).join("\\\\n");
}
