import {
  breadcrumbsIntegration, browserApiErrorsIntegration, BrowserClient, browserTracingIntegration, consoleIntegration, dedupeIntegration,
  defaultStackParser, eventFiltersIntegration, functionToStringIntegration, getCurrentScope, getTraceData, globalHandlersIntegration,
  httpContextIntegration, linkedErrorsIntegration, makeFetchTransport, replayIntegration, SDK_VERSION, type getDefaultIntegrations, type init,
} from "@sentry/browser";
import { recorder } from "./replay/recorder.js";
import type { SentryOptions } from "./settings.js";
import { start } from "./start.js";
import { routerOf } from "./templates.js";

export type { DropReason } from "./guard.js";
export type { Kind, Policy } from "./policy.js";
export { policy } from "./policy.gen.js";
export type { InitialScope, NamedIntegration, ReplayOptions, SentryOptions } from "./settings.js";

/** Sentry's client. */
export type SentryClient = NonNullable<ReturnType<typeof init>>;

/** One of Sentry's integrations. */
export type SentryIntegration = ReturnType<typeof getDefaultIntegrations>[number];

/** What `initSentry` takes beside the options of every entry. */
export interface PageOptions extends SentryOptions<SentryIntegration> {
  /** Templates of the application's own pages, `/clients/:id`. */
  readonly pages?: readonly string[];
}

const sdk = {
  BrowserClient, SDK_VERSION, breadcrumbsIntegration, browserApiErrorsIntegration, consoleIntegration, dedupeIntegration, defaultStackParser,
  eventFiltersIntegration, functionToStringIntegration, getCurrentScope, getTraceData, globalHandlersIntegration, httpContextIntegration,
  linkedErrorsIntegration, makeFetchTransport,
};

/**
 * Reports the errors of an application without a framework, or with one that has no entry of its own to Sentry, without patient data.
 *
 * @returns Sentry's client, or `undefined` where there is none: no usable DSN, no browser, no guard.
 */
export function initSentry(options: PageOptions = {}): SentryClient | undefined {
  const framework = { name: "sentry.javascript.browser", integrations: () => [browserTracingIntegration()], join: () => undefined };
  return start(sdk, framework, routerOf(options.pages ?? []), options, recorder(replayIntegration));
}
