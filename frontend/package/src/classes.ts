import type { BuildFacts } from "./facts.js";

/** Words in a class name that tell what somebody chose or is, whichever library wrote them. */
const STATE =
  /^(?:is|has|was|not|no)-|(?:^|[-_:])(?:active|activated|answered|checked|chosen|completed?|current|danger|dirty|done|error|filled|focused|high(?:light(?:ed)?)?|invalid|low|marked|negative|off|on|positive|pressed|selected|severe|success|touched|true|truthy|false|valid|warning|today|yes)(?:$|[-_])/;

/** Attributes whose proven part is remembered: a page has few, however many elements have them. */
const MOST_REMEMBERED = 2000;

/** Proves class names and custom properties: they stand in a style sheet that the build wrote, and tell no state. */
export class Classes {
  readonly #known: Set<string>;
  readonly #states: ReadonlySet<string>;
  readonly #sheets: () => Iterable<CSSStyleSheet>;
  readonly #read = new WeakSet<CSSStyleSheet>();
  readonly #proven = new Map<string, string>();
  /** The style sheets as they were when they were first seen. */
  readonly texts: string[] = [];

  /**
   * @param facts - What the build knows.
   * @param sheets - The style sheets of the page that the build wrote; asked again, for a lazy part brings its own.
   */
  constructor(facts: BuildFacts, sheets: () => Iterable<CSSStyleSheet>) {
    this.#known = new Set(facts.classes ?? []);
    this.#states = new Set(facts.states ?? []);
    this.#sheets = sheets;
  }

  /** Reads style sheets that weren't there before. One that can't be read, of another host, proves nothing. */
  refresh(): void {
    for (const sheet of this.#sheets()) {
      if (this.#read.has(sheet)) continue;
      this.#read.add(sheet);
      try {
        this.#readRules(sheet.cssRules);
        this.#proven.clear();
        this.texts.push(Array.from(sheet.cssRules, (rule) => rule.cssText).join("\n"));
      } catch {
        // Its rules are of another origin.
      }
    }
  }

  /** The proven names of `text`. */
  of(text: unknown): string {
    if (typeof text !== "string" || text === "") return "";
    let proven = this.#proven.get(text);
    if (proven === undefined) {
      proven = text.split(/\s+/).filter((name) => this.has(name)).join(" ");
      if (this.#proven.size < MOST_REMEMBERED) this.#proven.set(text, proven);
    }
    return proven;
  }

  has(name: string): boolean {
    return this.#known.has(name) && !this.#states.has(name) && !STATE.test(name);
  }

  #readRules(rules: CSSRuleList): void {
    for (const rule of rules) {
      if ("selectorText" in rule && typeof rule.selectorText === "string") {
        for (const [, name] of rule.selectorText.matchAll(/\.(-?(?:\\[^\n]|[\w\u0080-\uffff-])+)/g)) {
          this.#known.add((name ?? "").replace(/\\([^\n])/g, "$1"));
        }
      }
      for (const [name] of rule.cssText.matchAll(/--[A-Za-z_][\w-]*/g)) this.#known.add(name);
      if ("cssRules" in rule && rule.cssRules instanceof CSSRuleList) this.#readRules(rule.cssRules);
    }
  }
}
