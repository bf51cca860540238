import type { BuildFacts } from "./facts.js";
import type { DropReason } from "./guard.js";
import { shaped } from "./kinds.js";
import type { Policy } from "./policy.js";

/** One of Sentry's integrations, by what every one of them has. */
export interface NamedIntegration {
  /** The name that Sentry knows it by. */
  readonly name: string;
}

/** What `initSentry` takes; every member has a default. */
export interface SentryOptions<Integration extends NamedIntegration = NamedIntegration> {
  /** The DSN; else `<meta name="sentry-dsn">`, else `VITE_SENTRY_DSN` at build. */
  readonly dsn?: string;
  /** The release; else `<meta name="sentry-release">`, else `VITE_SENTRY_RELEASE` at build. */
  readonly release?: string;
  /** The environment; else `<meta name="sentry-environment">`, else `VITE_SENTRY_ENVIRONMENT`, else Vite's mode. */
  readonly environment?: string;
  /** Back ends that get `traceparent`, and whose names may leave; else `VITE_SENTRY_BACKENDS` at build, else the page's own origin. */
  readonly backends?: readonly string[];
  /** Templates of the back ends' paths, `/api/v1/clients/{id}`, beside those that the build found in the source. */
  readonly routes?: readonly string[];
  /** The share of page loads and navigations that send a transaction; 0.1. */
  readonly tracesSampleRate?: number;
  /** What of sessions is recorded, `false` for nothing. */
  readonly replay?: ReplayOptions | false;
  /** A policy of the project's own, as `pazpaz-otel browser render` gives it. */
  readonly policy?: Policy;
  /** Told of what didn't leave: the kind of item and why, never what it held. */
  readonly onDrop?: (item: string, reason: DropReason) => void;
  /** Sentry's `tunnel`: an address that takes envelopes instead of the DSN's host. */
  readonly tunnel?: string;
  /** Sentry's `ignoreErrors`, beside the policy's. */
  readonly ignoreErrors?: (string | RegExp)[];
  /** Sentry's `denyUrls`: scripts whose errors aren't sent. */
  readonly denyUrls?: (string | RegExp)[];
  /** Sentry's `allowUrls`: the only scripts whose errors are sent. */
  readonly allowUrls?: (string | RegExp)[];
  /** What errors of the whole page carry; it passes the guard as any account and any tag does. */
  readonly initialScope?: InitialScope;
  /** Sentry's own integrations that only listen, as `httpClientIntegration()`: what they add passes the guard. */
  readonly integrations?: readonly Integration[];
}

/** Account and tags that events have from the start. */
export interface InitialScope {
  /** The account, by its UUID. */
  readonly user?: { readonly id: string };
  /** Those of the policy's tags leave. */
  readonly tags?: Readonly<Record<string, string | number | boolean>>;
}

/** What of sessions is recorded. Recordings are masked whatever is chosen. */
export interface ReplayOptions {
  /** The share of sessions that are recorded whole; 0.1. */
  readonly sessionSampleRate?: number;
  /** The share of sessions with an error that are recorded; 1. */
  readonly onErrorSampleRate?: number;
  /** Whether recordings are deflated behind the guard; true. */
  readonly compress?: boolean;
}

/** Where errors go, and what they say of the application. */
export interface Target {
  /** Empty where no usable one is set. */
  readonly dsn: string;
  /** Why there is none. */
  readonly problem?: string;
  readonly release: string | undefined;
  readonly environment: string | undefined;
}

const DSN = /^https?:\/\/[0-9a-fA-F]{1,64}@[\w.:[\]-]{1,253}(?:\/[\w-]{1,64}){1,4}$/;

type Page = Pick<Document, "querySelector">;

/** The target: a setting of the page comes before one of the build. What hasn't the policy's shape is absent. */
export function resolveTarget(options: SentryOptions, policy: Policy, facts: BuildFacts, page: Page): Target {
  const { dsn = "", release, environment } = Object.fromEntries(
    (["dsn", "release", "environment"] as const).map((name) => [name, options[name] ?? metaContent(page, `sentry-${name}`) ?? facts[name]]),
  );
  const names = { release: shaped(policy, "version", release) ? release : undefined, environment: shaped(policy, "config", environment) ? environment : undefined };
  if (DSN.test(dsn)) return { dsn, ...names };
  return { dsn: "", problem: dsn === "" ? "no DSN is set; errors are not reported" : "the DSN isn't one, https://<key>@<host>/<project>; errors are not reported", ...names };
}

/** A `<meta>` element's content; one that still has its placeholder is absent. */
function metaContent(page: Page, name: string): string | undefined {
  const content = page.querySelector(`meta[name="${name}"]`)?.getAttribute("content")?.trim();
  return content === undefined || content === "" || /^[$%{_<]/.test(content) ? undefined : content;
}
