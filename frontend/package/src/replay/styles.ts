import { classNames, withoutClasses } from "../class-names.js";
import type { Guard } from "../guard.js";

/** Words in a class name that tell what somebody chose or is, whichever library wrote them. */
const STATE =
  /^(?:is|has|was|not|no)-|(?:^|[-_:])(?:active|activated|answered|checked|chosen|completed?|current|danger|dirty|done|error|filled|focused|high(?:light(?:ed)?)?|invalid|low|marked|negative|off|on|positive|pressed|selected|severe|success|touched|true|truthy|false|valid|warning|today|yes)(?:$|[-_])/;

/** Attributes whose proven part is remembered: a page has few, however many elements have them. */
const MOST_REMEMBERED = 2000;

/** How long a style sheet may take, in milliseconds: it is in the browser's cache. */
const PATIENCE = 3000;

/** Taken before Sentry watches it: the application asks for no style sheet here. */
const { fetch } = globalThis;

/**
 * The style sheets that the build wrote, and the class names that they prove.
 *
 * They are read as the build's files: the page's own rules can be made of data. A recording gets each of them with the
 * first element that brings styles.
 */
export class Styles {
  readonly guard: Guard;
  readonly #known: Set<string>;
  readonly #states: ReadonlySet<string>;
  readonly #proven = new Map<string, string>();
  readonly #read = new Set<unknown>();
  readonly #texts: string[] = [];
  #given = 0;

  constructor(guard: Guard) {
    this.guard = guard;
    this.#known = new Set(guard.facts.classes);
    this.#states = new Set(guard.facts.states);
  }

  /** Reads the style sheets that the page has had since. */
  async read(): Promise<void> {
    if (typeof document === "undefined") return;
    const sheets = Array.from(document.styleSheets).filter((sheet) => this.#isNew(sheet.href ?? sheet.ownerNode));
    for (const text of await Promise.all(sheets.map((sheet) => this.#textOf(sheet)))) {
      if (text === undefined) continue;
      for (const name of classNames(text)) this.#known.add(name);
      // The scopes of components' styles are named by an attribute.
      for (const [name] of text.matchAll(/\bdata-v-[0-9a-f]{8}\b/g)) this.#known.add(name);
      this.#texts.push(withoutClasses(text, (name) => this.#isProven(name)));
      this.#proven.clear();
    }
  }

  /** Begins anew: a snapshot needs all of them. */
  restart(): void {
    this.#given = 0;
  }

  /** The style sheets that weren't handed out yet, as one. */
  take(): string | undefined {
    if (this.#given === this.#texts.length) return undefined;
    const text = this.#texts.slice(this.#given).join("\n");
    this.#given = this.#texts.length;
    return text;
  }

  /** The proven class names of `text`: they stand in a style sheet of the build, and tell no state. */
  classes(text: unknown): string {
    if (typeof text !== "string" || text === "") return "";
    let proven = this.#proven.get(text);
    if (proven === undefined) {
      proven = text.split(/\s+/).filter((name) => this.#isProven(name)).join(" ");
      if (this.#proven.size < MOST_REMEMBERED) this.#proven.set(text, proven);
    }
    return proven;
  }

  #isProven(name: string): boolean {
    return this.#known.has(name) && !this.#states.has(name) && !STATE.test(name);
  }

  #isNew(sheet: unknown): boolean {
    const isNew = !this.#read.has(sheet);
    this.#read.add(sheet);
    return isNew;
  }

  async #textOf({ href, ownerNode }: CSSStyleSheet): Promise<string | undefined> {
    if (href === null) {
      // Vite's development server puts its style sheets into the page itself.
      const isServed = this.guard.facts.development === true && ownerNode instanceof HTMLElement && ownerNode.hasAttribute("data-vite-dev-id");
      return isServed ? ownerNode.textContent : undefined;
    }
    if (this.guard.files.name(href) === undefined) return undefined;
    try {
      const answer = await fetch(href, { cache: "force-cache", referrerPolicy: "no-referrer", signal: AbortSignal.timeout(PATIENCE) });
      return answer.ok ? await answer.text() : undefined;
    } catch {
      // Its host lets no script read it, or nobody answers: then its classes aren't proven.
      return undefined;
    }
  }
}
