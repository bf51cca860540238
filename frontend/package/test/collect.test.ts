import { parseSync } from "vite";
import { describe, expect, test } from "vitest";
import { collectModule, emptyCollection, type Collected, type Node } from "../src/vite/collect.js";
import { statesOf } from "../src/vite/facts.js";
import { settle } from "../src/vite/messages.js";

function collected(code: string): Collected {
  const into = emptyCollection();
  collectModule(parseSync("module.js", code).program as unknown as Node, into);
  return into;
}

/** The texts that several modules prove together. */
function messages(...modules: string[]): string[] {
  const into = emptyCollection();
  for (const code of modules) collectModule(parseSync("module.js", code).program as unknown as Node, into);
  const { texts, templates } = settle(into.messages);
  return [...texts, ...templates];
}

describe("messages are the constants of statements that raise or tell", () => {
  test.each([
    ['throw new Error("closed")', ["closed"]],
    ["throw new ClinicClosed(`closed`)", ["closed"]],
    ['throw "closed"', ["closed"]],
    ['throw new Error("clinic " + "closed")', ["clinic closed"]],
    ['throw new Error(late ? "late" : "early")', ["late", "early"]],
    ['const e = new RangeError("closed")', ["closed"]],
    ['Promise.reject("closed"); reject("late")', ["closed", "late"]],
    ['console.warn("saving failed", name)', ["saving failed"]],
    ['Sentry.captureMessage("closed")', ["closed"]],
    ['addBreadcrumb({ category: "note", message: "saved" })', ["note", "saved"]],
    ['class A extends Error { constructor() { super("closed"); } }', ["closed"]],
  ])("%s", (code, expected) => {
    expect(messages(code)).toEqual(expected);
  });

  test.each([
    "throw new Error(`${name}`)",
    "throw new Error(`${first}: ${last}`)",
    'const LABELS = { a: "Depression" }; throw new Error(LABELS[code])',
    'let text = "Dana"; text = name; throw new Error(text)',
    'function save(name) { console.log(name) } const patient = "Dana Levinson"; const other = { label: "Dana" }',
    "throw new Error(name)",
    'const title = "Dana Levinson"',
    'save("Dana Levinson")',
    'throw new Error(translate["x"])',
    'console.log(((a) => "inside")(1))',
  ])("no constant in %s", (code) => {
    expect(messages(code)).toEqual([]);
  });
});

describe("templates are texts that such a statement composes", () => {
  test.each([
    ["throw new Error(`no file for ${name}`)", ["no file for {name}"]],
    ['throw new Error("no file for " + client.name + "!")', ["no file for {client.name}!"]],
    ["console.error(`saving ${count()} notes failed`)", ["saving {…} notes failed"]],
    ["reject(`no slot for ${this.client.name}`)", ["no slot for {client.name}"]],
    ["throw new Error(`no slot for ${name.value}`)", ["no slot for {name}"]],
  ])("%s", (code, expected) => {
    expect(messages(code)).toEqual(expected);
  });
});

describe("messages that stand elsewhere", () => {
  test.each([
    ["a constant", ['const CLOSED = "closed"; throw new Error(CLOSED)'], ["closed"]],
    ["a local variable", ['function f() { const text = late ? "late" : "early"; throw new Error(text) }'], ["late", "early"]],
    ["an object of texts", ['const TEXTS = { closed: { today: "closed today" }, other: "other" }; throw new Error(TEXTS.closed.today)'], ["closed today"]],
    ["a frozen object", ['const TEXTS = Object.freeze({ closed: "closed" }); throw new Error(TEXTS.closed)'], ["closed"]],
    ["an enum", ['var Texts = /* @__PURE__ */ ((T) => { T["Closed"] = "closed"; T["Late"] = "late"; return T })(Texts || {}); throw new Error(Texts.Closed)'], ["closed"]],
    ["an assertion", ['assert(slot, "no slot is left")'], ["no slot is left"]],
    ["an invariant", ['invariant(slot, "no slot is left")'], ["no slot is left"]],
    ["another module", ['import { CLOSED as TEXT } from "./texts"; throw new Error(TEXT)', 'export const CLOSED = "closed"; export const OTHER = "other"'], ["closed"]],
    ["another module's object", ['import { texts } from "./texts"; throw new Error(texts.closed)', 'const texts = { closed: "closed", other: "x" }; export { texts }'], ["closed"]],
    ["another module's default", ['import texts from "./texts"; throw new Error(texts.closed)', 'export default { closed: "closed", other: "x" }'], ["closed"]],
    ["a module's namespace", ['import * as texts from "./texts"; throw new Error(texts.CLOSED)', 'export const CLOSED = "closed"'], ["closed"]],
    ["a function that passes it on", ['export function fail(text) { throw new Error(text) }', 'import { fail } from "./fail"; fail("no slot is left"); other("another text")'], ["no slot is left"]],
    ["a method that passes it on", ['class A { fail(text) { this.log.error(text); throw new Error(text) } }', 'a.fail(`no slot for ${name}`)'], ["no slot for {name}"]],
  ])("%s", (_, modules, expected) => {
    expect(messages(...modules)).toEqual(expected);
  });
});

test("names are those of classes, members and what errors are named", () => {
  const code = 'class ApiError extends Error { name = "ApiFailure" } function save() { form.note.text = 1 } x["computed"]; e.name = "Late"';
  expect([...collected(code).names].sort()).toEqual(["ApiError", "ApiFailure", "Late"]);
  expect([...collected(code).members.keys()].sort()).toEqual(["name", "note", "text"]);
});

test("routes are the paths that the source builds, with what is put in as {}", () => {
  const code = "get(`/api/v1/clients/${id}/notes`); get('/api/v1/clients?q=' + q); get(BASE + '/rooms/' + id); get('/api/v1/' + kind + '/x'); get('not a path'); get('/לקוחות')";
  expect([...collected(code).routes].sort()).toEqual(
    expect.arrayContaining(["/api/v1/clients", "/api/v1/clients/{}/notes", "/api/v1/{}/x", "{}/rooms/{}", "/לקוחות"]),
  );
});

test("a path of the machine that builds is none of them", () => {
  const into = emptyCollection();
  const code = `
    import a from "/home/dana/app/a.js";
    export * from "/home/dana/app/b.js";
    import("/home/dana/app/c.js");
    new Worker(new URL("/home/dana/app/d.js", import.meta.url));
    const component = _export(c, [["__file", "/home/dana/app/App.vue"]]);
    const other = "/home/dana/app/e.js";
    get("/api/v1/clients");
  `;
  collectModule(parseSync("module.js", code).program as unknown as Node, into, (text) => text.startsWith("/home/dana"));
  expect([...into.routes]).toEqual(["/api/v1/clients"]);
});

test("pages are the paths and aliases of router records", () => {
  const code = String.raw`const routes = [{ path: "/clients/:id(\\d+)", alias: ["/kunden/:id"], children: [{ path: "notes" }] }, { path: "/" + locale }]`;
  expect([...collected(code).pages].sort()).toEqual(["/clients/:id(\\d+)", "/kunden/:id", "notes"]);
});

test("class names that are chosen at run time tell a state; those of constant attributes don't", () => {
  const code = `
    h("p", { class: "card wide" });
    h("p", { class: _normalizeClass(["row", { off: late, [name]: 1 }, late ? "late" : "early"]) });
    h("p", { class: "is-" + client.state });
    const tone = computed(() => risk > 3 ? "bg-red" : "bg-green");
    el.classList.toggle("flagged");
    const card = _resolveComponent("x-card");
    s('<p class="static">');
  `;
  const css = ".card{} .wide .row{} .off{} .late, .early{} .is-pregnant{} .bg-red{} .bg-green{} .flagged{} .static{} .w-1\\/2{} .other{} .x-card{}";
  expect(statesOf(collected(code), [css])).toEqual(["bg-green", "bg-red", "early", "flagged", "is-pregnant", "late", "off"]);
});
