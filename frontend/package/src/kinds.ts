import type { Kind, Policy } from "./policy.js";

/** Kinds of whole numbers; a fraction isn't one of them. */
const WHOLE = new Set(["status_code", "port"]);

/** Kinds whose text alone proves nothing: what proves them is known to `urls.ts` or to the one who started us. */
const RUNTIME = new Set(["route", "url_path", "url_origin", "host", "version", "config"]);

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
    return within(value, kind.number) ? value : undefined;
  }
  if (kind === "bool") return typeof value === "boolean" ? value : undefined;
  const range = own(policy.ranges, kind);
  if (range !== undefined) {
    return within(value, range) && (!WHOLE.has(kind) || Number.isInteger(value)) ? value : undefined;
  }
  if (RUNTIME.has(kind) || !shaped(policy, kind, value)) return undefined;
  return kind === "uuid" ? value.toLowerCase() : value;
}

/** A property that the object itself has, never one of its prototype. */
export function own<T>(object: Readonly<Record<string, T>>, key: string): T | undefined {
  return Object.prototype.hasOwnProperty.call(object, key) ? object[key] : undefined;
}

function within(value: unknown, [low, high]: readonly [number, number]): value is number {
  return typeof value === "number" && Number.isFinite(value) && value >= low && value <= high;
}
