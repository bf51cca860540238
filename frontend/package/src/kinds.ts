import type { Kind, Policy } from "./policy.js";

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

/** A property that the object itself has, never one of its prototype. */
export function own<T>(object: Readonly<Record<string, T>>, key: string): T | undefined {
  return Object.prototype.hasOwnProperty.call(object, key) ? object[key] : undefined;
}

function number(policy: Policy, value: unknown, [low, high]: readonly [number, number]): number | undefined {
  if (typeof value !== "number" || !(value >= low && value <= high)) return undefined;
  // Nine digits behind a point are somebody's identity as well.
  const rounded = Number.isInteger(value) ? value : Number(value.toPrecision(policy.significantDigits));
  return Math.min(Math.max(rounded, low), high);
}
