import type { BuildFacts } from "./facts.js";
import type { Policy } from "./policy.js";
import { Texts } from "./text.js";
import { Urls, type RouteResolver } from "./urls.js";

/** Everything that the filters ask for a proof. */
export interface Guard {
  readonly policy: Policy;
  readonly texts: Texts;
  readonly urls: Urls;
  /** Paths below which the application's own scripts lie. */
  readonly scripts: readonly string[];
  readonly release: string | undefined;
  readonly environment: string | undefined;
  /** Counts what didn't leave: by item kind and reason, never by text. */
  readonly dropped: (item: string, reason: DropReason) => void;
}

/**
 * Why an item didn't leave: its kind is never sent, the guard failed, the policy ignores the error, or it couldn't be
 * read.
 */
export type DropReason = "forbidden_item" | "guard_failed" | "ignored_error" | "unreadable";

/** What a guard is made of. */
export interface GuardSettings {
  readonly policy: Policy;
  readonly facts: BuildFacts;
  /** The page's own origin. */
  readonly origin: string;
  readonly router?: RouteResolver | undefined;
  /** The router's base path. */
  readonly base?: string | undefined;
  readonly backends?: readonly string[] | undefined;
  readonly routes?: readonly string[] | undefined;
  readonly release?: string | undefined;
  readonly environment?: string | undefined;
  readonly dropped?: ((item: string, reason: DropReason) => void) | undefined;
}

/** A guard that asks the policy, the build and the router. */
export function makeGuard(settings: GuardSettings): Guard {
  const { policy, facts, origin } = settings;
  return {
    policy,
    texts: new Texts(policy, facts),
    urls: new Urls({
      policy,
      router: settings.router,
      base: settings.base,
      origin,
      backends: settings.backends ?? [origin],
      routes: [...(facts.routes ?? []), ...(settings.routes ?? [])],
    }),
    scripts: facts.development ? ["/src/", "/node_modules/", "/@"] : [facts.assets ?? "/assets/"],
    release: settings.release,
    environment: settings.environment,
    dropped: settings.dropped ?? (() => undefined),
  };
}
