import { engineMessage } from "./engine.js";
import { fingerprint, pieces, type BuildFacts } from "./facts.js";
import type { Policy } from "./policy.js";

/** What stands where a text was that nothing proves. */
export const WITHHELD = "<redacted>";

/** Constructors of the language and of the browser, by the names that their errors carry. */
const BUILT_IN = words(
  "Error AggregateError EvalError RangeError ReferenceError SyntaxError TypeError URIError DOMException AbortError NotAllowedError " +
    "NotFoundError NotReadableError NotSupportedError NetworkError TimeoutError QuotaExceededError SecurityError InvalidStateError " +
    "InvalidAccessError DataCloneError DataError EncodingError OperationError ConstraintError VersionError UnknownError " +
    "HierarchyRequestError IndexSizeError InvalidCharacterError UnhandledRejection InternalError AxiosError CanceledError",
);

/** Members of built-in objects, as they stand in stack frames. */
const BUILT_IN_NAMES = words(
  "Object Array Map Set Promise Function JSON Reflect Proxy String Number Date async new get set forEach map filter reduce some every " +
    "find flatMap sort then catch finally all allSettled race any apply call bind parse stringify next anonymous Module Window window " +
    "HTMLButtonElement HTMLFormElement HTMLInputElement HTMLDocument HTMLAnchorElement XMLHttpRequest fetch setTimeout setInterval " +
    "requestAnimationFrame queueMicrotask eval undefined null length value constructor computed prototype self this Symbol iterator " +
    "intermediate click error unhandledrejection",
);

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
    return typeof name === "string" && (BUILT_IN.has(name) || this.#names.has(name)) ? name : undefined;
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
    return this.#names.has(part) || BUILT_IN.has(part) || BUILT_IN_NAMES.has(part);
  }
}

function words(text: string): ReadonlySet<string> {
  return new Set(text.split(" "));
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
