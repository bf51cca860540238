import type { BuildFacts } from "./facts.js";
import type { Policy } from "./policy.js";

/** What stands where a text was that nothing proves. */
export const WITHHELD = "<redacted>";

/** Constructors of the language and of the browser, by the names that their errors carry. */
const BUILT_IN = new Set([
  "Error", "AggregateError", "EvalError", "RangeError", "ReferenceError", "SyntaxError", "TypeError", "URIError",
  "DOMException", "AbortError", "NotAllowedError", "NotFoundError", "NotReadableError", "NotSupportedError",
  "NetworkError", "TimeoutError", "QuotaExceededError", "SecurityError", "InvalidStateError", "InvalidAccessError",
  "DataCloneError", "DataError", "EncodingError", "OperationError", "ConstraintError", "VersionError", "UnknownError",
  "HierarchyRequestError", "IndexSizeError", "InvalidCharacterError", "UnhandledRejection", "InternalError",
]);

/** Members of built-in objects, as they stand in stack frames. */
const BUILT_IN_NAMES = new Set([
  "Object", "Array", "Map", "Set", "Promise", "Function", "JSON", "Reflect", "Proxy", "String", "Number", "Date", "async",
  "new", "get", "set", "forEach", "map", "filter", "reduce", "some", "every", "find", "flatMap", "sort", "then", "catch",
  "finally", "all", "allSettled", "race", "any", "apply", "call", "bind", "parse", "stringify", "next", "anonymous",
  "Module", "Window", "window", "HTMLButtonElement", "HTMLFormElement", "HTMLInputElement", "HTMLDocument", "HTMLAnchorElement",
  "XMLHttpRequest", "fetch", "setTimeout", "setInterval", "requestAnimationFrame", "queueMicrotask", "eval", "undefined", "null",
  "length", "value", "constructor", "computed", "prototype", "self", "this", "Symbol", "iterator", "intermediate",
]);

/** Messages of browsers' engines: of `base` only that part stays; any other group is a name that the source must have. */
const ENGINE: readonly RegExp[] = [
  // With the host that didn't answer, which the SDK adds.
  /^(?<base>Failed to fetch|Load failed|NetworkError when attempting to fetch resource\.)(?: \([^)]*\))?$/,
  /^(?<base>Object captured as (?:exception|promise rejection) with keys)(?:: [^]*)?$/,
  /^(?<base>Non-Error promise rejection captured with value)(?:: [^]*)?$/,
  /^network error$/,
  /^Network request failed$/,
  /^The user aborted a request\.$/,
  /^signal is aborted without reason$/,
  /^signal timed out$/,
  /^ResizeObserver loop limit exceeded$/,
  /^ResizeObserver loop completed with undelivered notifications\.$/,
  /^Maximum call stack size exceeded$/,
  /^Unexpected end of JSON input$/,
  /^Importing a module script failed\.$/,
  /^Script error\.?$/,
  /^Invalid Date$/,
  /^Invalid time value$/,
  /^Invalid array length$/,
  /^Converting circular structure to JSON$/,
  /^Assignment to constant variable\.$/,
  /^Cannot read properties of (?:undefined|null) \(reading '([^']*)'\)$/,
  /^Cannot set properties of (?:undefined|null) \(setting '([^']*)'\)$/,
  /^(?:undefined|null) has no properties$/,
  /^([\w$.?]+) is (?:undefined|null)$/,
  /^([\w$.?]+) is not (?:defined|iterable|a constructor|a function)$/,
  /^([\w$.]+) is not a function\. \(In '[^']*', '[^']*' is (?:undefined|null)\)$/,
  /^(?:undefined|null) is not an object \(evaluating '([\w$.?]+)'\)$/,
  /^Cannot access '([^']*)' before initialization$/,
  /^Cannot destructure property '([^']*)'(?: of .{0,300} as it is (?:undefined|null)\.)?$/,
  /^Request failed with status code ([1-5][0-9]{2})$/,
];

/** A minifier's name. One this short that data gave to a function of a built script would pass as one. */
const MINIFIED = /^[A-Za-z_$][\w$]{0,2}$/;

/** `name`, `Type.name`, `new Type`, `async name`, `Type.name [as alias]`, `<anonymous>`. */
const FUNCTION_NAME =
  /^(?:\?|<anonymous>|(?:(?:new|async|get|set|static) )?[\w$\u0080-\uffff#?]+(?:\.(?:<computed>|<anonymous>|[\w$\u0080-\uffff#?]+))*(?: \[as [\w$\u0080-\uffff#?.]+\])?)$/;

/** Proves texts by the application's source, by the policy and by what engines are known to say. */
export class Texts {
  readonly #messages: ReadonlySet<string>;
  readonly #names: ReadonlySet<string>;
  readonly #classes: ReadonlySet<string>;
  readonly #templates: readonly (readonly [RegExp, string])[];
  readonly #development: boolean;

  constructor(policy: Policy, facts: BuildFacts) {
    this.#messages = new Set([...(facts.messages ?? []), ...policy.messages.filter((text) => !text.includes("{"))]);
    this.#names = new Set(facts.names ?? []);
    this.#classes = new Set(facts.classes ?? []);
    this.#development = facts.development === true;
    this.#templates = policy.messages
      .filter((text) => text.includes("{"))
      .map((text) => [templatePattern(text), text] as const);
  }

  /** The text, or the template that it was made from, where either is proven; else `undefined`. */
  message(text: unknown): string | undefined {
    if (typeof text !== "string" || text.length > 4096) return undefined;
    if (this.#messages.has(text)) return text;
    const template = this.#templates.find(([pattern]) => pattern.test(text));
    return template === undefined ? this.#engine(text) : template[1];
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
  functionName(name: unknown, minified: boolean): string | undefined {
    if (typeof name !== "string" || name.length > 256 || !FUNCTION_NAME.test(name)) return undefined;
    const known = (part: string): boolean => this.#known(part) || (minified && !this.#development && MINIFIED.test(part));
    return name.replace(/[\w$\u0080-\uffff]+/g, (part) => (part === "as" || known(part) ? part : "?"));
  }

  /** The name of a component of the application. */
  component(name: unknown): string | undefined {
    if (typeof name !== "string") return undefined;
    const bare = name.replace(/^<|>$/g, "");
    return this.#names.has(bare) || bare === "Root" || bare === "Anonymous" ? `<${bare}>` : undefined;
  }

  /** The class names of `text` that stand in a style sheet or in a template. */
  classes(text: unknown): string {
    if (typeof text !== "string") return "";
    return text.split(/\s+/).filter((name) => this.#classes.has(name)).join(" ");
  }

  #engine(text: string): string | undefined {
    for (const pattern of ENGINE) {
      const found = pattern.exec(text);
      if (found === null) continue;
      if (found.groups?.base !== undefined) return found.groups.base;
      const name = found[1];
      if (name === undefined || /^[1-5][0-9]{2}$/.test(name)) return text;
      const shown = name.split(".").map((part) => (this.#known(part) ? part : "?")).join(".");
      return engineText(text, name, shown);
    }
    return undefined;
  }

  #known(part: string): boolean {
    return this.#names.has(part) || BUILT_IN.has(part) || BUILT_IN_NAMES.has(part);
  }
}

/** `text` with `shown` for `name`, and without what the engine quotes beside it. */
function engineText(text: string, name: string, shown: string): string {
  if (text.startsWith("Cannot destructure property")) return `Cannot destructure property '${shown}'`;
  const inFirefox = text.indexOf(". (In '");
  return (inFirefox < 0 ? text : text.slice(0, inFirefox)).replace(name, () => shown);
}

function templatePattern(template: string): RegExp {
  const parts = template.split(/\{[A-Za-z_][A-Za-z0-9_]*\}/).map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"));
  return new RegExp(`^${parts.join("[^]{0,512}?")}$`);
}
