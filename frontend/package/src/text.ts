import { engineMessage } from "./engine.js";
import { fingerprint, pieces, type BuildFacts } from "./facts.js";
import type { Policy } from "./policy.js";

/** What stands where a text was that nothing proves. */
export const WITHHELD = "<redacted>";

/** Errors that the platform and axios name, and that are no constructors of the platform's. */
const ERRORS =
  /^(?:Abort|NotAllowed|NotFound|NotReadable|NotSupported|Network|Timeout|QuotaExceeded|Security|InvalidState|InvalidAccess|DataClone|Data|Encoding|Operation|Constraint|Version|Unknown|HierarchyRequest|IndexSize|InvalidCharacter|Internal|Axios|Canceled)Error$|^UnhandledRejection$/;

/** What engines write into stacks and messages beside names. */
const WORDS =
  /^(?:undefined|null|this|self|window|get|set|async|new|next|anonymous|computed|length|value|name|iterator|intermediate|click|error|unhandledrejection)$/;

const NATIVE = /\{\s*\[native code\]\s*\}$/;

/** The functions of the platform and their members, as they are when the page starts. */
function platformNames(): ReadonlySet<string> {
  const functions = Object.entries(Object.getOwnPropertyDescriptors(globalThis)).flatMap(([name, { value }]: [string, { value?: unknown }]) =>
    typeof value === "function" && value.name === name && NATIVE.test(Function.prototype.toString.call(value)) ? [name] : [],
  );
  const members = [Object, Function, Array, Promise, Map, String, JSON].flatMap((one) => [one, "prototype" in one ? one.prototype : {}].flatMap((holder) => Object.getOwnPropertyNames(holder)));
  return new Set([...functions, ...members, "JSON", "Reflect"]);
}

/** A minifier's name. One this short that data gave to a function of a built script would pass as one. */
const MINIFIED = /^[A-Za-z_$][\w$]?$/;

/** `name`, `Type.name`, `new Type`, `async name`, `Type.name [as alias]`, `<anonymous>`. */
const FUNCTION_NAME =
  /^(?:\?|<anonymous>|(?:(?:new|async|get|set|static) )?[\w$\u0080-\uffff#?]+(?:\.(?:<computed>|<anonymous>|[\w$\u0080-\uffff#?]+))*(?: \[as [\w$\u0080-\uffff#?.]+\])?)$/;

/** Proves texts by the application's source, by the policy and by what engines are known to say. */
export class Texts {
  readonly #messages: ReadonlySet<string>;
  readonly #fingerprints: ReadonlySet<string>;
  readonly #names: ReadonlySet<string>;
  readonly #templates: readonly (readonly [constants: readonly string[], template: string])[];
  readonly #minified: boolean;
  readonly #platform = platformNames();

  constructor(policy: Policy, facts: BuildFacts) {
    this.#messages = new Set([...(facts.messages ?? []), ...policy.messages.filter((text) => !text.includes("{"))]);
    this.#fingerprints = new Set(pieces(facts.fingerprints ?? ""));
    this.#names = new Set(facts.names ?? []);
    this.#minified = facts.development !== true;
    this.#templates = [...policy.messages.filter((text) => text.includes("{")), ...(facts.templates ?? [])].map(
      (text) => [text.split(/\{[^{}]*\}/), text] as const,
    );
  }

  /** The text, or the template that it was made from, where either is proven; else `undefined`. */
  message(text: unknown): string | undefined {
    if (typeof text !== "string" || text === "" || text.length > 4096) return undefined;
    if (this.#messages.has(text) || (this.#fingerprints.size > 0 && this.#fingerprints.has(fingerprint(text)))) return text;
    const template = this.#templates.find(([constants]) => isMadeFrom(text, constants));
    return template === undefined ? engineMessage(text, (name) => this.#known(name)) : template[1];
  }

  /** The name of a kind of error, where the source or the platform has it. */
  errorType(name: unknown): string | undefined {
    if (typeof name !== "string") return undefined;
    const isPlatforms = ERRORS.test(name) || (/(?:Error|Exception)$/.test(name) && this.#platform.has(name));
    return isPlatforms || this.#names.has(name) ? name : undefined;
  }

  /**
   * A function's name with each of its parts proven, the others as `?`.
   *
   * Engines print stacks as text, so what isn't of the form of a name isn't one: a thrown text can look like a frame.
   */
  functionName(name: unknown, isBuilt: boolean): string | undefined {
    if (typeof name !== "string" || name.length > 256 || !FUNCTION_NAME.test(name)) return undefined;
    const known = (part: string): boolean => this.#known(part) || (isBuilt && this.#minified && MINIFIED.test(part));
    return name.replace(/[\w$\u0080-\uffff]+/g, (part) => (part === "as" || known(part) ? part : "?"));
  }

  /** The name of a component of the application. */
  component(name: unknown): string | undefined {
    if (typeof name !== "string") return undefined;
    const bare = name.replace(/^<|>$/g, "");
    return this.#names.has(bare) || bare === "Root" || bare === "Anonymous" ? `<${bare}>` : undefined;
  }

  #known(part: string): boolean {
    return this.#names.has(part) || this.#platform.has(part) || ERRORS.test(part) || WORDS.test(part);
  }
}

/** Whether a text can have been made from a template: its constant pieces stand in it, in their order. */
function isMadeFrom(text: string, constants: readonly string[]): boolean {
  const [first = "", ...rest] = constants;
  const last = rest.pop() ?? "";
  const end = text.length - last.length;
  if (!text.startsWith(first) || !text.endsWith(last) || end < first.length) return false;
  let from = first.length;
  for (const constant of rest) {
    const found = text.indexOf(constant, from);
    if (found < 0) return false;
    from = found + constant.length;
  }
  return from <= end;
}
