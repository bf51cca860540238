import { captureException } from "@sentry/browser";
import { startBrowser, type PageOptions, type SentryClient } from "./browser.js";

export type { PageOptions, SentryClient, SentryIntegration } from "./browser.js";
export type { DropReason } from "./guard.js";
export type { Kind, Policy } from "./policy.js";
export { policy } from "./policy.gen.js";
export type { InitialScope, NamedIntegration, ReplayOptions, SentryOptions } from "./settings.js";

/**
 * Reports the errors of a React application to Sentry, linked to the back end's traces and without patient data.
 *
 * Call it once, before the root is made, and give the root `errorHandlers`.
 *
 * @returns Sentry's client, or `undefined` where there is none: no usable DSN, no browser, no guard.
 */
export function initSentry(options: PageOptions = {}): SentryClient | undefined {
  return startBrowser("sentry.javascript.react", options);
}

/** What React tells a root of errors in components: `createRoot(element, errorHandlers)`, of React 19 or newer. */
export const errorHandlers = {
  /** An error that no boundary caught. */
  onUncaughtError: report(false),
  /** An error that a boundary caught. */
  onCaughtError: report(true),
  /** An error that React recovered from by itself. */
  onRecoverableError: report(true),
};

/** The stack of components, which React hands on as well, stays here: names of components can be made of data. */
function report(handled: boolean): (error: unknown) => void {
  return (error) => {
    captureException(error, { mechanism: { type: "auto.function.react.error_handler", handled } });
  };
}
