import type { Policy } from "./policy.js";

/** The part of vue-router's `Router` that names a route's template. */
export interface RouteResolver {
  resolve(to: string): { readonly matched: readonly { readonly path: string }[] };
}

/** What the URL of an unknown host becomes. */
export const FOREIGN = "{host}/{unmatched}";

/** What a path becomes that neither the router nor the source has a template for. */
export const UNMATCHED = "/{unmatched}";

/** Turns URLs into templates; a query, a fragment or a parameter's value never comes through. */
export class Urls {
  readonly #router: RouteResolver | undefined;
  readonly #base: string;
  readonly #origin: string;
  readonly #hosts: ReadonlySet<string>;
  readonly #backends: ReadonlySet<string>;
  readonly #routes: readonly (readonly [RegExp, string])[];
  readonly #templates: ReadonlySet<string>;
  /** Paths without a parameter: what a base path that a template leaves open may be. */
  readonly #constants: ReadonlySet<string>;

  constructor(settings: {
    readonly policy: Policy;
    readonly router?: RouteResolver | undefined;
    readonly base?: string | undefined;
    readonly origin: string;
    /** Origins of the back ends. */
    readonly backends: readonly string[];
    /** Templates of the back ends' paths. */
    readonly routes: readonly string[];
  }) {
    this.#router = settings.router;
    this.#base = (settings.base ?? "").replace(/\/$/, "");
    this.#origin = settings.origin;
    this.#backends = new Set(settings.backends);
    this.#hosts = new Set([
      ...settings.policy.hosts,
      ...[settings.origin, ...settings.backends].map(hostOf).filter((host) => host !== ""),
    ]);
    this.#templates = new Set(settings.routes);
    this.#constants = new Set(["", ...settings.routes.filter((route) => !route.includes("{"))]);
    this.#routes = [...settings.routes].sort(moreConstant).map((route) => [routePattern(route), route] as const);
  }

  /** Whether requests to `url` may carry the trace. */
  isBackend(url: string): boolean {
    const parsed = this.#parse(url);
    return parsed !== undefined && this.#backends.has(parsed.origin);
  }

  /** The path of a URL of the page's own origin, without query and fragment; not yet fit to leave. */
  ownPath(url: string): string | undefined {
    const parsed = this.#parse(url);
    return parsed?.origin === this.#origin ? parsed.pathname : undefined;
  }

  /** The URL of a page as origin and route template. */
  page(url: unknown): string | undefined {
    const parsed = this.#parse(url);
    if (parsed?.origin !== this.#origin) return undefined;
    return this.#origin + (this.pagePath(parsed.pathname) ?? UNMATCHED);
  }

  /** The template of a page's path, where the router has one. */
  pagePath(path: string): string | undefined {
    if (this.#router === undefined) return undefined;
    const bare = path.split(/[?#]/, 1)[0] ?? "";
    const inside = this.#base !== "" && bare.startsWith(this.#base) ? bare.slice(this.#base.length) || "/" : bare;
    try {
      return this.#router.resolve(inside).matched.at(-1)?.path;
    } catch {
      return undefined;
    }
  }

  /** The URL of a request as origin and template; the origin of another host falls away. */
  request(url: unknown): string | undefined {
    if (url === FOREIGN) return FOREIGN;
    const parsed = this.#parse(url);
    if (parsed === undefined) return undefined;
    if (!this.#hosts.has(parsed.host) && !this.#hosts.has(parsed.hostname)) return FOREIGN;
    return parsed.origin + (this.#requestPath(parsed.pathname) ?? UNMATCHED);
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

  /** A text that is a template already: one of the back ends' or of the router. */
  route(text: unknown): string | undefined {
    if (typeof text !== "string") return undefined;
    return this.#templates.has(text) || this.pagePath(text) === text ? text : undefined;
  }

  /** The template of a path that is a page's, a request's, or already one of the templates. */
  template(text: unknown): string | undefined {
    if (typeof text !== "string" || !text.startsWith("/")) return undefined;
    const path = text.split(/[?#]/, 1)[0] ?? "";
    return this.#requestPath(path) ?? this.pagePath(path);
  }

  #requestPath(path: string): string | undefined {
    for (const [pattern, route] of this.#routes) {
      const base = pattern.exec(path)?.groups?.base;
      if (base === undefined ? pattern.test(path) : this.#constants.has(base)) {
        return base === undefined ? route : base + route.slice("{}".length);
      }
    }
    return undefined;
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

function hostOf(origin: string): string {
  try {
    return new URL(origin).host;
  } catch {
    return "";
  }
}

/** A template's pattern: a parameter, of either router's spelling, is one segment. */
function routePattern(route: string): RegExp {
  const open = route.startsWith("{}/");
  const parts = (open ? route.slice("{}".length) : route).split(/\{[^}]*\}|:[A-Za-z_]\w*(?:\([^)]*\))?[?*+]?/);
  return new RegExp(`^${open ? "(?<base>.*)" : ""}${parts.map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, "\\$&")).join("[^/]+")}/?$`);
}

function moreConstant(a: string, b: string): number {
  const holes = (route: string): number => route.split(/[{:]/).length;
  return holes(a) - holes(b) || (a < b ? -1 : 1);
}
