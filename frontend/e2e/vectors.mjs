// Runs the conformance vectors against the built package in a real browser.
// Reads {url, files} from standard input; prints what left for each vector's id.
import { readInput, withPage } from "./browser.mjs";

const { url, files } = await readInput();

const left = await withPage(async (page) => {
  await page.goto(`${url}/vectors.html`);
  return page.evaluate(async (files) => {
    const names = ["guard", "event", "transaction", "breadcrumbs", "envelope", "data"];
    const modules = Object.fromEntries(await Promise.all(names.map(async (name) => [name, await import(`/dist/${name}.js`)])));
    const { surfaces, expectation } = await import("/test/surfaces.js");
    const { known, judge } = surfaces({
      ...modules,
      policy: await import("/dist/policy.gen.js"),
      recording: await import("/dist/replay/recording.js"),
      router: await import("vue-router"),
    });
    const results = {};
    for (const file of files.filter(({ surface }) => known(surface))) {
      for (const vector of file.vectors) {
        const expected = expectation(vector);
        if (expected === undefined) continue;
        const given = vector.proven ? { ...file.given, messages: [vector.input] } : (file.given ?? {});
        const found = judge(file.surface, given, vector.input, vector.key ?? file.key);
        results[vector.id] = { expected: expected.leaves ?? null, left: found ?? null };
      }
    }
    return results;
  }, files);
});

process.stdout.write(JSON.stringify(left));
