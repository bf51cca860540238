import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { runInThisContext } from "node:vm";
import { build, type Rolldown } from "vite";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { BuildFacts } from "../src/facts.js";
import { contentSecurityPolicy, pazpazOtel } from "../src/vite/index.js";

const FACTS = fileURLToPath(new URL("../src/build.ts", import.meta.url));
const SOURCE = `
import { facts } from ${JSON.stringify(FACTS)};
import "./style.css";
globalThis.facts = facts;
export function failing(name) {
  if (name) throw new TypeError(\`no file for \${name}\`);
  throw new Error("The clinic is closed");
}
globalThis.failing = failing;
`;

describe("a build with the plug-in", () => {
  let folder: string;
  let chunk: Rolldown.OutputChunk;
  let facts: BuildFacts;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), "app-"));
    writeFileSync(join(folder, "main.js"), SOURCE);
    writeFileSync(join(folder, "style.css"), ".card { color: red }");
    writeFileSync(join(folder, ".env"), "VITE_SENTRY_DSN=https://abc@sentry.example/1\nVITE_SENTRY_RELEASE=1.2.3\n");
    const output = (await build({
      root: folder,
      logLevel: "silent",
      plugins: [pazpazOtel()],
      build: { write: false, sourcemap: "hidden", rolldownOptions: { input: join(folder, "main.js") } },
    })) as Rolldown.RolldownOutput;
    const found = output.output.find((one) => one.type === "chunk");
    if (found?.type !== "chunk") throw new Error("no chunk was built");
    chunk = found;
    runInThisContext(chunk.code);
    facts = (globalThis as unknown as { facts: BuildFacts }).facts;
  }, 60_000);

  afterAll(() => {
    rmSync(folder, { recursive: true });
  });

  test("knows the source's messages, names and classes", () => {
    expect(facts.messages).toEqual(["The clinic is closed"]);
    expect(facts.names).toEqual(expect.arrayContaining(["failing"]));
    expect(facts.classes).toEqual(["card"]);
  });

  test("knows the settings of the build", () => {
    expect(facts).toMatchObject({
      dsn: "https://abc@sentry.example/1",
      release: "1.2.3",
      environment: "production",
      assets: "/assets/",
      development: false,
    });
  });

  test("keeps the source map true", async () => {
    const { SourceMap } = await import("node:module");
    const lines = chunk.code.split("\n");
    const line = lines.findIndex((text) => text.includes("The clinic is closed", text.indexOf("TypeError")));
    const column = lines[line]?.indexOf("TypeError") ?? -1;
    const map = new SourceMap(JSON.parse(chunk.map?.toString() ?? "{}") as ConstructorParameters<typeof SourceMap>[0]);
    const origin = map.findEntry(line, column) as { originalLine: number };
    expect(SOURCE.split("\n")[origin.originalLine]).toContain("TypeError");
  });
});

describe("the content security policy", () => {
  test("lets the page reach itself and the DSN's host, and nobody else", () => {
    expect(contentSecurityPolicy("https://abc@o1.ingest.sentry.example:8443/42")).toMatch(/connect-src 'self' https:\/\/o1\.ingest\.sentry\.example:8443;/);
    expect(contentSecurityPolicy()).toMatch(/connect-src 'self';/);
    expect(contentSecurityPolicy("")).not.toMatch(/unsafe|\*/);
  });
});
