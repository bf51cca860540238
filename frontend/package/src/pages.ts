import type { BuildFacts } from "./facts.js";

/** The part of a router, such as vue-router's `Router`, that knows the templates of the pages. */
export interface RouteRecords {
  resolve(to: string): { readonly matched: readonly { readonly path: string }[] };
  getRoutes?(): readonly { readonly path: string }[];
  readonly options?: { readonly history?: { readonly base: string } };
}

/** A record that takes whatever no other does. */
const CATCH_ALL = /\(\.\*\)/;

/**
 * Proves the templates of one router's pages.
 *
 * A record counts that the router had when the page started, and of which every segment stands in the source;
 * one that comes later counts where the source has its whole path.
 */
export class Pages {
  readonly #router: RouteRecords;
  readonly #base: string;
  readonly #records: ReadonlySet<string>;

  constructor(router: RouteRecords, facts: BuildFacts) {
    this.#router = router;
    this.#base = (router.options?.history?.base ?? "").replace(/\/$/, "");
    const whole = [...(facts.pages ?? []), ...(facts.routes ?? [])];
    const known = new Set(whole.flatMap((path) => path.split("/")));
    const isWritten = (path: string): boolean => facts.pages === undefined || path.split("/").every((piece) => piece === "" || known.has(piece));
    this.#records = new Set([...(router.getRoutes?.() ?? []).map(({ path }) => path).filter(isWritten), ...whole.filter((path) => path.startsWith("/"))]);
  }

  /** Whether the page's path lies in the fragment of its address. */
  get inFragment(): boolean {
    return this.#base.includes("#");
  }

  /** Whether a text is a record's own path. */
  has(path: string): boolean {
    return this.#records.has(path);
  }

  /** The template of a path; a text that is a record's own path is one. */
  template(path: string): string | undefined {
    if (this.#records.has(path)) return path;
    const inside = !this.inFragment && this.#base !== "" && path.startsWith(this.#base) ? path.slice(this.#base.length) || "/" : path;
    const found = this.#resolve(inside);
    if (!inside.includes("%") || (found !== undefined && !CATCH_ALL.test(found))) return found;
    return this.#resolve(decoded(inside)) ?? found;
  }

  #resolve(path: string): string | undefined {
    try {
      const record = this.#router.resolve(path).matched.at(-1)?.path;
      return record !== undefined && this.#records.has(record) ? record : undefined;
    } catch {
      return undefined;
    }
  }
}

function decoded(path: string): string {
  try {
    return decodeURI(path);
  } catch {
    return path;
  }
}
