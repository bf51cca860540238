/** What the entries without Vue share: Sentry's SDK for browsers, and the pages that the application names. */
import {
  breadcrumbsIntegration, browserApiErrorsIntegration, BrowserClient, browserTracingIntegration, consoleIntegration, dedupeIntegration,
  defaultStackParser, eventFiltersIntegration, functionToStringIntegration, getCurrentScope, getTraceData, globalHandlersIntegration,
  linkedErrorsIntegration, makeFetchTransport, replayIntegration, SDK_VERSION, type getDefaultIntegrations, type init,
} from "@sentry/browser";
import { recorder } from "./replay/recorder.js";
import type { SentryOptions } from "./settings.js";
import { start } from "./start.js";
import { routerOf } from "./templates.js";

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
  eventFiltersIntegration, functionToStringIntegration, getCurrentScope, getTraceData, globalHandlersIntegration,
  linkedErrorsIntegration, makeFetchTransport,
};

/** Starts Sentry by the name that the server knows the SDK by. */
export function startBrowser(name: string, options: PageOptions): SentryClient | undefined {
  const framework = { name, integrations: () => [browserTracingIntegration()], join: () => undefined };
  return start(sdk, framework, routerOf(options.pages ?? []), options, recorder(replayIntegration));
}
