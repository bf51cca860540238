import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { runInThisContext } from "node:vm";
import { gzipSync } from "node:zlib";
import { build, type Rolldown, type UserConfig } from "vite";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { fingerprint, handedOver, merge, type BuildFacts } from "../src/facts.js";
import { Files } from "../src/files.js";
import { emptyCollection } from "../src/vite/collect.js";
import { buildFacts } from "../src/vite/facts.js";
import { contentSecurityPolicy, nginxPages, pazpazOtel } from "../src/vite/index.js";

const MAIN = `
import { initSentry } from "@pazpaz/otel-browser";
import "./style.css";
globalThis.started = initSentry({}, undefined, OPTIONS);
export function failing(client) {
  if (client) throw new TypeError(\`no file for \${client.name}\`);
  throw new Error("MESSAGE");
}
globalThis.failing = failing;
globalThis.later = () => import("./lazy.js");
globalThis.routes = [{ path: "/clients/:id(\\\\d+)" }];
`;

const FILES: Record<string, string> = {
  "style.css": ".card { color: red } .is-late { color: blue }",
  "lazy.js": 'import "./lazy.css"; import { shared } from "./shared.js"; document.body.classList.add("is-late"); shared()',
  "lazy.css": ".lazy { color: red }",
  "shared.js": "export const shared = () => 1",
  "package.js": 'export const initSentry = () => "with";',
  "without.js": 'export const initSentry = () => "without";',
  ".env": "VITE_SENTRY_DSN=https://abc@sentry.example/1\nVITE_SENTRY_RELEASE=1.2.3\nVITE_SENTRY_BACKENDS=https://api.example, https://two.example/\n",
};

/** Builds an application; `options` and `message` stand in its source, `config` says where its files go. */
async function built(folder: string, options = "{}", message = "The clinic is closed", more = "", define = {}, config: UserConfig = {}): Promise<Rolldown.RolldownOutput> {
  mkdirSync(folder, { recursive: true });
  for (const [name, text] of Object.entries(FILES)) writeFileSync(join(folder, name), text);
  writeFileSync(join(folder, "main.js"), MAIN.replace("OPTIONS", options).replace("MESSAGE", message) + more);
  return (await build({
    root: folder,
    base: config.base ?? "/",
    logLevel: "silent",
    plugins: [pazpazOtel()],
    define,
    resolve: {
      alias: [
        { find: "@pazpaz/otel-browser/without-replay", replacement: join(folder, "without.js") },
        { find: /^@pazpaz\/otel-browser$/, replacement: join(folder, "package.js") },
        { find: /^@sentry\/browser$/, replacement: fileURLToPath(import.meta.resolve("@sentry/browser")) },
      ],
    },
    build: { write: false, sourcemap: "hidden", modulePreload: { polyfill: false }, ...config.build, rolldownOptions: { input: join(folder, "main.js"), ...config.build?.rolldownOptions } },
  })) as Rolldown.RolldownOutput;
}

function chunks(output: Rolldown.RolldownOutput): Rolldown.OutputChunk[] {
  return output.output.filter((one) => one.type === "chunk");
}

function chunkWith(output: Rolldown.RolldownOutput, text: string): Rolldown.OutputChunk {
  const found = chunks(output).find(({ code }) => code.includes(text));
  if (found === undefined) throw new Error(`no chunk has ${text}`);
  return found;
}

/** The facts that the built page would hand over, its script served from `root`. */
function factsOf(output: Rolldown.RolldownOutput, root = "https://practice.example/app/"): BuildFacts {
  const chunk = chunkWith(output, "@pazpaz/otel-browser");
  Reflect.deleteProperty(globalThis, Symbol.for("@pazpaz/otel-browser"));
  runInThisContext(chunk.code.replaceAll("import.meta.url", JSON.stringify(root + chunk.fileName)));
  return merge(handedOver());
}

describe("a build with the plug-in", () => {
  let folder: string;
  let output: Rolldown.RolldownOutput;
  let facts: BuildFacts;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), "app-"));
    output = await built(folder);
    facts = factsOf(output);
  }, 60_000);

  afterAll(() => {
    rmSync(folder, { recursive: true });
  });

  test("knows the source's messages, templates, names and pages", () => {
    expect(facts.fingerprints).toContain(fingerprint("The clinic is closed"));
    expect(facts.templates).toEqual(["no file for {client.name}"]);
    expect(facts.names).toEqual(expect.arrayContaining(["name"]));
    expect(facts.pages).toEqual(["/clients/:id(\\d+)"]);
  });

  test("knows each script and style sheet that it wrote, wherever they are served from", () => {
    const written = output.output.filter(({ fileName }) => /\.(?:js|css)$/.test(fileName)).map(({ fileName }) => `https://practice.example/app/${fileName}`);
    expect([...(facts.files ?? [])].sort()).toEqual(written.sort());
  });

  test.each<[string, UserConfig]>([
    ["beside the page", { build: { assetsDir: "" } }],
    ["under names of the application's own", { build: { rolldownOptions: { output: { entryFileNames: "js/[name]-[hash].js", chunkFileNames: "js/[name]-[hash].js" } } } }],
    ["on another host", { base: "https://cdn.example/app/" }],
  ])("names the frames of scripts %s", async (_where, config) => {
    const elsewhere = await built(folder, "{}", "The clinic is closed", "", {}, config);
    const root = config.base ?? "https://practice.example/";
    const files = new Files(factsOf(elsewhere, root), "https://practice.example", []);
    for (const { fileName } of chunks(elsewhere)) expect(files.name(root + fileName)).toBe(`app:///${fileName}`);
    expect(files.name(`${root}js/dana-12345678.js`)).toBeUndefined();
  });

  test("knows which class names tell a state", () => {
    expect(facts.states).toEqual(["is-late"]);
  });

  test("knows the settings of the build", () => {
    expect(facts).toMatchObject({
      dsn: "https://abc@sentry.example/1",
      release: "1.2.3",
      environment: "production",
      backends: ["https://api.example", "https://two.example/"],
    });
    expect(facts.development).toBeUndefined();
  });

  test("publishes no path of the machine that builds", () => {
    for (const { code } of chunks(output)) expect(code).not.toContain(folder);
  });

  test("keeps the source map true", async () => {
    const { SourceMap } = await import("node:module");
    const chunk = chunkWith(output, "TypeError(");
    const lines = chunk.code.split("\n");
    const line = lines.findIndex((text) => text.includes("TypeError"));
    const column = lines[line]?.indexOf("TypeError") ?? -1;
    const map = new SourceMap(JSON.parse(chunk.map?.toString() ?? "{}") as ConstructorParameters<typeof SourceMap>[0]);
    const origin = map.findEntry(line, column) as { originalLine: number };
    expect(MAIN.split("\n")[origin.originalLine]).toContain("TypeError");
  });

  test("has the facts in a chunk of their own: of a changed literal no chunk but that and the module's own is renamed", async () => {
    const packages: UserConfig = { build: { rolldownOptions: { output: { codeSplitting: { groups: [{ name: "vendor", test: /shared\.js$/ }] } } } } };
    const before = await built(folder, "{}", "The clinic is closed", "", {}, packages);
    const changed = await built(folder, "{}", "The clinic is open", "", {}, packages);
    const names = (one: Rolldown.RolldownOutput): string[] => chunks(one).map(({ fileName }) => fileName);
    const bare = (all: string[]): string[] => all.map((name) => name.replace(/-[\w-]{8}\.js$/, "")).sort();
    expect(bare(names(before))).toEqual(["assets/facts", "assets/lazy", "assets/main", "assets/vendor"]);
    expect(bare(names(before).filter((name) => !names(changed).includes(name)))).toEqual(["assets/facts", "assets/main"]);
    expect(factsOf(changed).fingerprints).not.toBe(facts.fingerprints);
  });

  test("renames the facts when a style sheet or a lazy script changes, so that no old list is kept", async () => {
    const before = chunkWith(output, "@pazpaz/otel-browser").fileName;
    FILES["lazy.css"] = ".lazy { color: green }";
    const after = await built(folder);
    FILES["lazy.css"] = ".lazy { color: red }";
    expect(chunkWith(after, "@pazpaz/otel-browser").fileName).not.toBe(before);
  });

  test("is without the recording where each call says `replay: false`", async () => {
    expect(chunkWith(output, "TypeError(").code).toContain("with");
    const off = await built(folder, "{ replay: false }");
    expect(chunks(off).some(({ code }) => code.includes("`with`") || code.includes('"with"'))).toBe(false);
    const dynamic = await built(folder, "{ replay: Date.now() > 0 && false }");
    expect(chunks(dynamic).some(({ code }) => code.includes("`with`") || code.includes('"with"'))).toBe(true);
  });

  test("leaves out what Sentry's own switches say is unused, except where the application sets them", async () => {
    const code = `if (typeof __SENTRY_DEBUG__ === "undefined" || __SENTRY_DEBUG__) globalThis.log = "debugging";
      if (typeof __SENTRY_EXCLUDE_REPLAY_WORKER__ === "undefined" || !__SENTRY_EXCLUDE_REPLAY_WORKER__) globalThis.worker = "compressing";`;
    const all = async (define: Record<string, unknown>): Promise<string> =>
      chunks(await built(folder, "{}", "The clinic is closed", code, define)).map((chunk) => chunk.code).join("");
    expect(await all({})).not.toMatch(/debugging|compressing/);
    expect(await all({ __SENTRY_DEBUG__: true })).toMatch(/debugging/);
  });

  test("leaves out what Sentry's SDK does for items that the guard never sends", async () => {
    const code = 'import * as Sentry from "@sentry/browser"; globalThis.sdk = [Sentry.BrowserClient, Sentry.browserTracingIntegration, Sentry.logger];';
    const all = chunks(await built(folder, "{}", "The clinic is closed", code)).map((chunk) => chunk.code).join("");
    expect(all).toContain("pageload");
    expect(all).not.toMatch(/vnd\.sentry\.items\.(?:log|trace-metric)|sentry_previous_trace|flushOnSegmentEnd/);
  });

  test("spends no more than a hundredth of the application's size on names", async () => {
    const many = Array.from({ length: 4000 }, (_, index) => `o.member${index.toString(36)}x${(index * 7919) % 1009}(${index});`).join("\n");
    const large = await built(folder, "{}", "The clinic is closed", `export const o = globalThis.o; export function all() { ${many} }`);
    const size = gzipSync(chunkWith(large, "TypeError(").code).length;
    const { names = [] } = factsOf(large);
    expect(names.length).toBeLessThan(4000);
    expect(gzipSync(chunkWith(large, "@pazpaz/otel-browser").code).length).toBeLessThan(640 + 512 + size / 100);
  });
});

test("the facts of a large application are a hundredth of it, compressed, however many names it has", () => {
  const collected = emptyCollection();
  const words = Array.from({ length: 60_000 }, (_, index) => `member${Math.imul(index + 1, 2_654_435_761).toString(36).replace("-", "x")}`);
  for (const word of words) collected.members.set(word, 1);
  const source = words.join(";\n");
  const size = gzipSync(source.replace(/\s+/g, " ")).length;
  const facts = gzipSync(JSON.stringify(buildFacts(collected, [source]))).length;
  expect(facts).toBeGreaterThan(0.9 * 0.01 * size);
  expect(facts).toBeLessThanOrEqual(0.01 * size);
});

describe("the content security policy", () => {
  test("lets the page reach itself, the DSN's host and its back ends, and nobody else", () => {
    expect(contentSecurityPolicy("https://abc@o1.ingest.sentry.example:8443/42")).toMatch(/connect-src 'self' https:\/\/o1\.ingest\.sentry\.example:8443;/);
    expect(contentSecurityPolicy("", ["https://api.example/v1/"])).toMatch(/connect-src 'self' https:\/\/api\.example;/);
    expect(contentSecurityPolicy()).toMatch(/connect-src 'self';/);
    expect(contentSecurityPolicy("")).not.toMatch(/unsafe|\*/);
  });
});

test("pages become patterns of nginx", () => {
  const patterns = nginxPages(["/", "/clients/:id", "/notes/:noteId?", "/files/:path(.*)+", "/:lang(he|en)/x.y", "relative", "/:pathMatch(.*)*"]);
  const matches = (path: string): boolean => [...patterns.matchAll(/"~(.*)" 1;/g)].some(([, source]) => new RegExp(source ?? "").test(path));
  expect(["/", "/clients/7", "/clients/7/", "/notes", "/notes/1", "/he/x.y"].filter((path) => !matches(path))).toEqual([]);
  expect(["/other", "/clients", "/clients/7/8", "/he/xzy", "/notes/1/2"].filter(matches)).toEqual([]);
});
