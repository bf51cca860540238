import type { Kind, Policy } from "./policy.js";
import { own } from "./reading.js";

const compiled = new Map<string, RegExp>();

/** Whether `text` has the shape of the policy's kind `name`; a shape isn't yet a proof for kinds of the run time. */
export function shaped(policy: Policy, name: string, text: unknown): text is string {
  const source = own(policy.patterns, name);
  if (source === undefined || typeof text !== "string") return false;
  let pattern = compiled.get(source);
  if (pattern === undefined) {
    pattern = new RegExp(source);
    compiled.set(source, pattern);
  }
  return pattern.test(text);
}

/** The policy, where it is whole; raises where it isn't: a guard that lacks a part of it isn't made. */
export function checkPolicy(policy: Policy): Policy {
  for (const part of [policy.patterns, policy.ranges, policy.attributes, policy.tags, policy.contexts]) Object.keys(part);
  for (const source of Object.values(policy.patterns)) {
    if (!source.startsWith("^") || !source.endsWith("$")) throw new Error("a pattern of the policy isn't anchored");
    compiled.set(source, new RegExp(source));
  }
  if (![policy.hosts, policy.messages, policy.ignoreErrors, policy.whole, policy.lower, policy.proven].every((part) => Array.isArray(part))) throw new Error("a list of the policy isn't one");
  return policy;
}

/** The value where it alone proves that it is of `kind`, else `undefined`. */
export function accept(policy: Policy, kind: Kind | undefined, value: unknown): boolean | number | string | undefined {
  if (kind === undefined) return undefined;
  if (typeof kind !== "string") {
    if ("enum" in kind) return typeof value === "string" && kind.enum.includes(value) ? value : undefined;
    return number(policy, value, kind.number);
  }
  if (kind === "bool") return typeof value === "boolean" ? value : undefined;
  const range = own(policy.ranges, kind);
  if (range !== undefined) {
    return !policy.whole.includes(kind) || Number.isInteger(value) ? number(policy, value, range) : undefined;
  }
  if (policy.proven.includes(kind) || !shaped(policy, kind, value)) return undefined;
  return policy.lower.includes(kind) ? value.toLowerCase() : value;
}

function number(policy: Policy, value: unknown, [low, high]: readonly [number, number]): number | undefined {
  if (typeof value !== "number" || !(value >= low && value <= high)) return undefined;
  // Nine digits behind a point are somebody's identity as well.
  const rounded = Number.isInteger(value) ? value : Number(value.toPrecision(policy.significantDigits));
  return Math.min(Math.max(rounded, low), high);
}
