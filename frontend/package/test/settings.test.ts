import { describe, expect, test } from "vitest";
import type { BuildFacts } from "../src/facts.js";
import { policy } from "../src/policy.gen.js";
import { resolveTarget, type SentryOptions } from "../src/settings.js";

const OPTION = "https://aaa@option.example/1";
const META = "https://bbb@meta.example/2";
const BUILD = "https://ccc@build.example/3";

function target(options: SentryOptions, metas: Record<string, string>, facts: BuildFacts): ReturnType<typeof resolveTarget> {
  const page = {
    querySelector: (selector: string) => {
      const content = metas[/"(.*)"/.exec(selector)?.[1] ?? ""];
      return content === undefined ? null : { getAttribute: () => content };
    },
  };
  return resolveTarget(options, policy, facts, page as never);
}

describe("the DSN", () => {
  test("is the option's before the page's before the build's", () => {
    expect(target({ dsn: OPTION }, { "sentry-dsn": META }, { dsn: BUILD })).toMatchObject({ dsn: OPTION });
    expect(target({}, { "sentry-dsn": META }, { dsn: BUILD })).toMatchObject({ dsn: META });
    expect(target({}, {}, { dsn: BUILD })).toMatchObject({ dsn: BUILD });
  });

  test.each(["", " ", "${SENTRY_DSN}", "%VITE_SENTRY_DSN%", "__SENTRY_DSN__"])("of the page is absent as %j", (content) => {
    expect(target({}, { "sentry-dsn": content }, { dsn: BUILD })).toMatchObject({ dsn: BUILD });
  });

  test("that is missing is said to be, and one that isn't one isn't repeated", () => {
    expect(target({}, {}, {})).toMatchObject({ dsn: "", problem: "no DSN is set; errors are not reported" });
    const { dsn, problem } = target({ dsn: "https://dana.example/?name=dana" }, {}, {});
    expect([dsn, problem]).toEqual(["", expect.stringMatching(/isn't one/)]);
    expect(problem).not.toMatch(/dana/);
  });
});

test("a release and an environment have the policy's shape or are absent", () => {
  const metas = { "sentry-release": "1.2.3", "sentry-environment": "production" };
  expect(target({ dsn: OPTION }, metas, {})).toEqual({ dsn: OPTION, release: "1.2.3", environment: "production" });
  expect(target({ dsn: OPTION, release: "for dana", environment: "דנה" }, metas, {})).toEqual({
    dsn: OPTION,
    release: undefined,
    environment: undefined,
  });
});
