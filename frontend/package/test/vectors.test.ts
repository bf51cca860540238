/** The conformance vectors, against the source. `tests/stack/test_browser_vectors.py` runs them in a real browser. */
import { readFileSync, readdirSync } from "node:fs";
import { fileURLToPath } from "node:url";
import * as router from "vue-router";
import { beforeAll, describe, expect, test, vi } from "vitest";
import { parse } from "yaml";
import * as breadcrumbs from "../src/breadcrumbs.js";
import * as data from "../src/data.js";
import * as envelope from "../src/envelope.js";
import * as event from "../src/event.js";
import * as guard from "../src/guard.js";
import * as policy from "../src/policy.gen.js";
import * as recording from "../src/replay/recording.js";
import * as transaction from "../src/transaction.js";
import "./platform.js";
import { expectation, surfaces } from "./surfaces.js";

interface Vector {
  readonly id: string;
  readonly key?: string;
  readonly input: unknown;
  readonly proven?: boolean;
  readonly expect: Record<string, unknown>;
}

interface File {
  readonly surface: string;
  readonly key?: string;
  readonly given?: Record<string, string[]>;
  readonly vectors: readonly Vector[];
}

const folder = fileURLToPath(new URL("../../../tests/vectors/", import.meta.url));
const { known, judge } = surfaces({ guard, policy, event, transaction, breadcrumbs, envelope, recording, data, router });
/** Surfaces whose output is of the same form as their input, so that a second pass must change nothing. */
const REPEATABLE = new Set(["message", "function", "page_url", "request_url", "breadcrumb", "event", "transaction", "envelope", "recording"]);

beforeAll(() => {
  // Vue's router says where a page has no route; that is what some vectors are about.
  vi.spyOn(console, "warn").mockImplementation(() => undefined);
});

for (const name of ["", "sentry_browser/"].flatMap((inside) => readdirSync(folder + inside).map((file) => inside + file))) {
  if (!name.endsWith(".yaml")) continue;
  const file = parse(readFileSync(folder + name, "utf8")) as File;
  if (!known(file.surface) || file.vectors.every((vector) => expectation(vector) === undefined)) continue;
  describe(name, () => {
    for (const vector of file.vectors) {
      const expected = expectation(vector);
      if (expected === undefined) continue;
      const given = vector.proven ? { ...file.given, messages: [vector.input as string] } : (file.given ?? {});
      const key = vector.key ?? file.key;
      test(vector.id, () => {
        const left = judge(file.surface, given, vector.input, key);
        expect(left).toEqual(expected.leaves);
        // The hooks and the transport both rebuild: what was rebuilt once must pass again unchanged.
        if (left !== undefined && REPEATABLE.has(file.surface)) expect(judge(file.surface, given, left, key)).toEqual(left);
      });
    }
  });
}
