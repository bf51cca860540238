import { rebuildEvent } from "./event.js";
import type { BuildFacts } from "./facts.js";
import { Files } from "./files.js";
import type { Policy } from "./policy.js";
import { rebuildSpans } from "./spans.js";
import { Texts } from "./text.js";
import { rebuildTransaction } from "./transaction.js";
import { Urls, type RouteRecords } from "./urls.js";

/** Makes an item's payload anew, or gives `undefined` where it may not leave. */
export type Filter = (guard: Guard, payload: unknown) => unknown;

/** Everything that the filters ask for a proof. */
export interface Guard {
  readonly policy: Policy;
  readonly texts: Texts;
  readonly urls: Urls;
  readonly files: Files;
  readonly facts: BuildFacts;
  /** Where the page's own events go; empty where there is no such place. */
  readonly dsn: string;
  readonly release: string | undefined;
  readonly environment: string | undefined;
  /** Reads what the filters of recordings need, before they are asked. */
  readonly prepare: ((guard: Guard) => Promise<unknown>) | undefined;
  /** The filters by kind of item; a kind without one doesn't leave. */
  readonly filters: Readonly<Record<string, Filter>>;
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
  readonly routers?: readonly RouteRecords[] | undefined;
  readonly backends?: readonly string[] | undefined;
  readonly routes?: readonly string[] | undefined;
  readonly dsn?: string;
  readonly release?: string | undefined;
  readonly environment?: string | undefined;
  /** Addresses of the scripts that the page started with. */
  readonly scripts?: readonly string[] | undefined;
  readonly prepare?: Guard["prepare"];
  /** Filters of further kinds of items. */
  readonly filters?: Readonly<Record<string, Filter>> | undefined;
  readonly dropped?: ((item: string, reason: DropReason) => void) | undefined;
}

/** A guard that asks the policy, the build and the router. */
export function makeGuard(settings: GuardSettings): Guard {
  const { policy, facts, origin } = settings;
  const files = new Files(facts, origin, settings.scripts ?? []);
  return {
    policy,
    texts: new Texts(policy, facts),
    urls: new Urls({
      policy,
      facts,
      routers: settings.routers ?? [],
      origin,
      backends: settings.backends ?? [origin],
      routes: settings.routes ?? [],
    }),
    files,
    facts,
    dsn: settings.dsn ?? "",
    release: settings.release,
    environment: settings.environment,
    prepare: settings.prepare,
    filters: { event: rebuildEvent, transaction: rebuildTransaction, span: rebuildSpans, ...settings.filters },
    dropped: settings.dropped ?? (() => undefined),
  };
}
