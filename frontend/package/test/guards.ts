import type { BuildFacts } from "../src/facts.js";
import { makeGuard, type Guard, type GuardSettings } from "../src/guard.js";
import { policy } from "../src/policy.gen.js";

/** A guard of a page at `https://practice.example`. */
export function guardOf(facts: BuildFacts = {}, settings: Partial<GuardSettings> = {}): Guard {
  return makeGuard({ policy, facts, origin: "https://practice.example", dsn: "https://abc@practice.example/1", release: "1.2.3", environment: "production", ...settings });
}
