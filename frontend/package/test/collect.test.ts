import { parseSync } from "vite";
import { describe, expect, test } from "vitest";
import { collectModule, collectStyles, emptyCollection, type Collected, type Node } from "../src/vite/collect.js";

function collected(code: string): Collected {
  const into = emptyCollection();
  collectModule(parseSync("module.js", code).program as unknown as Node, into);
  return into;
}

const messages = (code: string): string[] => [...collected(code).messages];

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
    "throw new Error(`no file for ${name}`)",
    'throw new Error("no file for " + name)',
    "throw new Error(name)",
    'const title = "Dana Levinson"',
    'save("Dana Levinson")',
    'throw new Error(translate["x"])',
    'console.log(((a) => "inside")(1))',
  ])("no constant in %s", (code) => {
    expect(messages(code)).toEqual([]);
  });
});

test("names are those of classes, functions, members and what errors are named", () => {
  const code = 'class ApiError extends Error { name = "ApiFailure" } function save() { form.note.text = 1 } x["computed"]; e.name = "Late"';
  expect([...collected(code).names].sort()).toEqual(["ApiError", "ApiFailure", "Late", "name", "note", "save", "text"]);
});

test("routes are the paths that the source builds, with what is put in as {}", () => {
  const code = "get(`/api/v1/clients/${id}/notes`); get('/api/v1/clients?q=' + q); get(BASE + '/rooms/' + id); get('/api/v1/' + kind + '/x'); get('not a path')";
  expect([...collected(code).routes].sort()).toEqual(
    expect.arrayContaining(["/api/v1/clients", "/api/v1/clients/{}/notes", "/api/v1/{}/x", "{}/rooms/{}"]),
  );
});

test("classes are those of templates and style sheets", () => {
  const into = collected('h("p", { class: "card wide" }); h("p", { class: _normalizeClass(["row", { off: late, [name]: 1 }, late ? "late" : "early"]) }); s(`<p class="static">`); s("<p class=\\"x y\\">")');
  collectStyles("/* .no */ .bar:hover > .nav-link { --ink: red; background: url('a.png') }", into);
  expect([...into.classes].sort()).toEqual(["--ink", "bar", "card", "early", "late", "nav-link", "off", "row", "wide", "x", "y"].sort());
});
