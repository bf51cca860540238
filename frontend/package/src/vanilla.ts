import { startBrowser, type PageOptions, type SentryClient } from "./browser.js";

export type { PageOptions, SentryClient, SentryIntegration } from "./browser.js";
export type { DropReason } from "./guard.js";
export type { Kind, Policy } from "./policy.js";
export { policy } from "./policy.gen.js";
export type { InitialScope, NamedIntegration, ReplayOptions, SentryOptions } from "./settings.js";

/**
 * Reports the errors of an application without a framework, or with one that has no entry of its own to Sentry, without patient data.
 *
 * @returns Sentry's client, or `undefined` where there is none: no usable DSN, no browser, no guard.
 */
export function initSentry(options: PageOptions = {}): SentryClient | undefined {
  return startBrowser("sentry.javascript.browser", options);
}
