import type { BuildFacts } from "./facts.js";
import { Pages, type RouteRecords } from "./pages.js";
import { Paths } from "./paths.js";
import type { Policy } from "./policy.js";

export type { RouteRecords } from "./pages.js";

/** What the URL of an unknown host becomes. */
export const FOREIGN = "{host}/{unmatched}";

/** What a path becomes that neither the router nor the source has a template for. */
export const UNMATCHED = "/{unmatched}";

/** Turns URLs into templates; a query, a fragment or a parameter's value never comes through. */
export class Urls {
  readonly #facts: BuildFacts;
  readonly #pages: Pages[];
  readonly #origin: string;
  readonly #hosts: ReadonlySet<string>;
  readonly #backends: ReadonlySet<string>;
  readonly #requests: Paths;

  constructor(settings: {
    readonly policy: Policy;
    readonly facts: BuildFacts;
    readonly routers: readonly RouteRecords[];
    readonly origin: string;
    /** The back ends: origins, or addresses below them. */
    readonly backends: readonly string[];
    /** Templates of the back ends' paths, beside those of the source. */
    readonly routes: readonly string[];
  }) {
    const { facts, origin } = settings;
    this.#facts = facts;
    this.#origin = origin;
    this.#pages = settings.routers.map((router) => new Pages(router, facts));
    const backends = settings.backends.map((address) => this.#parse(address)?.origin).filter((known) => known !== undefined);
    this.#backends = new Set(backends);
    this.#hosts = new Set([...settings.policy.hosts, ...[origin, ...backends].map((known) => this.#parse(known)?.host ?? "").filter(Boolean)]);
    this.#requests = new Paths([...settings.routes, ...(facts.routes ?? [])]);
  }

  /** Also takes the pages of another application's router. */
  addRouter(router: RouteRecords): void {
    this.#pages.push(new Pages(router, this.#facts));
  }

  /** Whether requests to `url` may carry the trace. */
  isBackend(url: string): boolean {
    const parsed = this.#parse(url);
    return parsed !== undefined && this.#backends.has(parsed.origin);
  }

  /** The URL of a page as origin and route template. */
  page(url: unknown): string | undefined {
    if (this.#isPage(url)) return url;
    // A record's own path: as an address, its signs would be read otherwise.
    const record = typeof url === "string" ? this.#pages.find((pages) => pages.has(url)) : undefined;
    if (record !== undefined) return `${this.#origin}${record.inFragment ? "/#" : ""}${String(url)}`;
    const parsed = this.#parse(url);
    if (parsed?.origin !== this.#origin) return undefined;
    for (const pages of this.#pages) {
      const found = pages.template(pages.inFragment ? parsed.hash.slice(1).split("?", 1)[0] || "/" : parsed.pathname);
      if (found !== undefined) return `${this.#origin}${pages.inFragment ? "/#" : ""}${found}`;
    }
    return this.#origin + UNMATCHED;
  }

  /** Whether a text is a page's address as `page` gives it: as an address, a template can mean something else. */
  #isPage(url: unknown): url is string {
    if (typeof url !== "string" || !url.startsWith(`${this.#origin}/`)) return false;
    const path = url.slice(this.#origin.length);
    return path === UNMATCHED || this.#pages.some((pages) => pages.has(pages.inFragment && path.startsWith("/#") ? path.slice(2) : path));
  }

  /** The template of a page's path, where a router has one. */
  pagePath(path: string): string | undefined {
    for (const pages of this.#pages) {
      const found = pages.template(path) ?? pages.template(path.split(/[?#]/, 1)[0] ?? "");
      if (found !== undefined) return found;
    }
    return undefined;
  }

  /** The URL of a request as origin and template; the origin of another host falls away. */
  request(url: unknown): string | undefined {
    if (url === FOREIGN) return FOREIGN;
    const own = this.#ownPath(url);
    if (own !== undefined) return this.#origin + (this.#requests.match(own) ?? UNMATCHED);
    const parsed = this.#parse(url);
    if (parsed === undefined) return undefined;
    if (!this.#hosts.has(parsed.host) && !this.#hosts.has(parsed.hostname)) return FOREIGN;
    return parsed.origin + (this.#requests.match(parsed.pathname) ?? UNMATCHED);
  }

  /** The URL of a request to a known host as origin and template, where it is a whole URL. */
  knownRequest(url: unknown): string | undefined {
    const rebuilt = typeof url === "string" && /^\w+:\/\//.test(url) ? this.request(url) : FOREIGN;
    return rebuilt === FOREIGN ? undefined : rebuilt;
  }

  /** The host of a URL, where it is a known one. */
  host(host: unknown): string | undefined {
    return typeof host === "string" && this.#hosts.has(host) ? host : undefined;
  }

  /** A text that is a template already: one of the back ends' or of a router. */
  route(text: unknown): string | undefined {
    if (typeof text !== "string") return undefined;
    return this.#requests.has(text) || this.pagePath(text) === text ? text : undefined;
  }

  /** The template of a path that is a page's, a request's, or already one of the templates. */
  template(text: unknown): string | undefined {
    if (typeof text !== "string" || !text.startsWith("/")) return undefined;
    return this.#requests.match(text.split(/[?#]/, 1)[0] ?? "") ?? this.pagePath(text);
  }

  /** The path of a plain address of the page's own origin; a browser's parser, which takes longer, changes nothing of one. */
  #ownPath(url: unknown): string | undefined {
    if (typeof url !== "string" || url.length > 8192) return undefined;
    const path = url.startsWith(`${this.#origin}/`) ? url.slice(this.#origin.length) : url;
    const end = path.search(/[?#]/);
    const bare = end < 0 ? path : path.slice(0, end);
    return /^(?:\/[\w~%:@+,;=()-][\w~%:@+,;=().-]*)+\/?$/.test(bare) ? bare : undefined;
  }

  #parse(url: unknown): URL | undefined {
    if (typeof url !== "string" || url.length > 8192) return undefined;
    try {
      const parsed = new URL(url, this.#origin);
      return /^(?:https?|wss?):$/.test(parsed.protocol) ? parsed : undefined;
    } catch {
      return undefined;
    }
  }
}
