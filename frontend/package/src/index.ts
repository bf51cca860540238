import { replayIntegration, type init, type getDefaultIntegrations } from "@sentry/vue";
import type { App } from "vue";
import type { Router } from "vue-router";
import { recorder } from "./replay/recorder.js";
import type { SentryOptions } from "./settings.js";
import { startVue } from "./vue.js";

export type { DropReason } from "./guard.js";
export type { Kind, Policy } from "./policy.js";
export { policy } from "./policy.gen.js";
export type { InitialScope, NamedIntegration, ReplayOptions, SentryOptions } from "./settings.js";

/** Sentry's client. */
export type SentryClient = NonNullable<ReturnType<typeof init>>;

/** One of Sentry's integrations. */
export type SentryIntegration = ReturnType<typeof getDefaultIntegrations>[number];

/**
 * Reports the errors of a Vue application to Sentry, linked to the back end's traces and without patient data.
 *
 * Call it once, before `app.mount()`. It never raises: what keeps it from starting is one line of the console. A second
 * application on the page joins the first one's client.
 *
 * @returns Sentry's client, or `undefined` where there is none: no usable DSN, no browser, no guard.
 */
export function initSentry(app: App, router?: Router, options: SentryOptions<SentryIntegration> = {}): SentryClient | undefined {
  return startVue(app, router, options, recorder(replayIntegration));
}
