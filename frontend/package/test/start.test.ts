// @vitest-environment happy-dom
/** What an application gets and what reaches Sentry's endpoint, whatever it is started with. */
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, beforeEach, expect, test, vi } from "vitest";

let server: Server;
let received: { readonly path: string; readonly body: string }[];
let traced: unknown[];
let said: string[];

beforeEach(async () => {
  received = [];
  traced = [];
  said = [];
  server = createServer((request, response) => {
    let body = "";
    request.on("data", (piece: Buffer) => (body += piece.toString("latin1")));
    request.on("end", () => {
      if (request.method === "GET") traced.push(request.headers.traceparent);
      if (request.method === "POST") received.push({ path: request.url ?? "", body });
      response.writeHead(200, { "access-control-allow-origin": "*", "access-control-allow-headers": "*" }).end("{}");
    });
  });
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  vi.spyOn(console, "info").mockImplementation((line: string) => void said.push(line));
  vi.spyOn(console, "error").mockImplementation(() => undefined);
  // Each test is a page of its own, with a copy of the SDK that nobody guards yet.
  vi.resetModules();
  Reflect.deleteProperty(globalThis, "__SENTRY__");
  document.body.innerHTML = '<div id="app"></div>';
});

afterEach(async () => {
  vi.restoreAllMocks();
  vi.unstubAllGlobals();
  server.closeAllConnections();
  await new Promise((closed) => server.close(closed));
});

function address(): string {
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

function dsn(): string {
  return `${address().replace("//", "//abc@")}/1`;
}

/** Starts Sentry for an application of Vue, mounts it, and gives what its page shows. */
async function started(options: object): Promise<{ shown: string | undefined; client: unknown; Sentry: typeof import("@sentry/vue") }> {
  const [{ initSentry }, { createApp, h }, Sentry] = [await import("../src/index.js"), await import("vue"), await import("@sentry/vue")];
  const app = createApp({ render: () => h("p", "Mounted") });
  const client = initSentry(app, undefined, { dsn: dsn(), tracesSampleRate: 0, ...options });
  app.mount("#app");
  return { shown: document.querySelector("p")?.textContent, client, Sentry };
}

/** The payloads of one kind of item that arrived. */
function items(kind: string): Record<string, unknown>[] {
  return received.flatMap(({ body }) => {
    const [, ...lines] = body.split("\n");
    return lines.flatMap((line, at) => (at % 2 === 0 && (JSON.parse(line) as { type: string }).type === kind ? [JSON.parse(lines[at + 1] ?? "{}") as Record<string, unknown>] : []));
  });
}

test("a policy that isn't one keeps nothing from mounting: one line says so, and no client of the page sends", async () => {
  const { shown, client, Sentry } = await started({ policy: { version: 1 } });
  expect([shown, client, said]).toEqual(["Mounted", undefined, ["[pazpaz-otel] the guard couldn't be started; nothing is reported"]]);
  Sentry.init({ dsn: dsn() });
  Sentry.captureException(new Error("x"));
  await Sentry.flush(1000);
  expect(received).toEqual([]);
});

test("a page that is recorded already stays so: one line says so, and errors are reported", async () => {
  const first = await import("@sentry/vue");
  // Sentry takes Node.js for a browser where it draws windows.
  vi.stubGlobal("process", { ...process, type: "renderer" });
  first.replayIntegration();
  const { shown, Sentry } = await started({});
  expect([shown, said]).toEqual(["Mounted", ["[pazpaz-otel] the page is recorded already; this application isn't"]]);
  Sentry.captureException(new TypeError("x"));
  await Sentry.flush(1000);
  expect(items("event")).toHaveLength(1);
});

test("a client that the application started before has the guard as well", async () => {
  const first = await import("@sentry/vue");
  const client = first.init({ dsn: dsn() });
  await started({ dsn: "" });
  client?.captureException(new Error("Dana Levinson"));
  await client?.flush(30_000);
  expect(items("event")).toHaveLength(1);
  expect(JSON.stringify(received)).not.toMatch(/Dana|Levinson/);
});

test("a back end gets the trace also where its address ends with a slash; one that is no address is told of", async () => {
  const { Sentry } = await started({ backends: [`${address()}/api/`, "api:example"], tracesSampleRate: 1 });
  expect(said).toEqual(["[pazpaz-otel] one of `backends` isn't an address; it gets no traceparent"]);
  // The page's trace may end while the answer is on its way.
  const traceId = Sentry.getCurrentScope().getPropagationContext().traceId;
  await fetch(`${address()}/api/clients`);
  expect(traced).toEqual([expect.stringMatching(new RegExp(`^00-${traceId}-[0-9a-f]{16}-01$`))]);
});

test("Sentry's options pass through where they can open nothing", async () => {
  const id = "8f2e61f0-7a0b-4b63-9d1c-6a1f2b3c4d5e";
  const Own = await import("@sentry/vue");
  const { client, Sentry } = await started({
    tunnel: `${address()}/tunnel`,
    ignoreErrors: ["ignored"],
    initialScope: { user: { id, email: "dana@mail.example" }, tags: { request_id: id, name: "dana" } },
    integrations: [Own.httpClientIntegration(), Own.feedbackIntegration({ autoInject: false })],
  });
  expect(said).toEqual(["[pazpaz-otel] some of `integrations` can send by themselves, or are there already; they are left out"]);
  expect([client, Sentry.getClient()?.getIntegrationByName("HttpClient")]).not.toContain(undefined);
  expect(Sentry.getClient()?.getIntegrationByName("Feedback")).toBeUndefined();
  Sentry.captureException(new Error("ignored"));
  Sentry.captureException(new Error("another"));
  await Sentry.flush(1000);
  expect(received.map(({ path }) => path)).toEqual(["/tunnel"]);
  expect(items("event")).toMatchObject([{ user: { id }, tags: { request_id: id } }]);
  expect(JSON.stringify(received)).not.toMatch(/dana/);
});

test("errors of scripts that are denied aren't sent", async () => {
  const { Sentry } = await started({ denyUrls: [/start\.test/] });
  Sentry.captureException(new Error("x"));
  await Sentry.flush(1000);
  expect(received).toEqual([]);
});

test("an application without a framework names its pages, and reports", async () => {
  const [{ initSentry }, Sentry] = [await import("../src/vanilla.js"), await import("@sentry/browser")];
  history.replaceState({}, "", "/clients/dana");
  expect(initSentry({ dsn: dsn(), pages: ["/clients/:id"] })).toBeDefined();
  Sentry.captureException(new TypeError("x"));
  await Sentry.flush(1000);
  expect(items("event")).toMatchObject([{ request: { url: `${location.origin}/clients/:id` }, sdk: { name: "sentry.javascript.browser" } }]);
});
