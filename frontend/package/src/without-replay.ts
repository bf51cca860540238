import type { getDefaultIntegrations, init } from "@sentry/vue";
import type { App } from "vue";
import type { Router } from "vue-router";
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
 * The same as `initSentry` of the main entry, for a build without any part of the recording.
 *
 * The Vite plug-in puts this entry in the main one's place where `replay: false` stands in the call.
 *
 * @returns Sentry's client, or `undefined` where there is none: no usable DSN, no browser, no guard.
 */
export function initSentry(app: App, router?: Router, options: SentryOptions<SentryIntegration> = {}): SentryClient | undefined {
  return startVue(app, router, options, undefined);
}
