import * as Sentry from "@sentry/vue";
import type { App } from "vue";
import type { Router } from "vue-router";

/** As `sentry.ts`, without recordings. */
export function initSentry(app: App, router: Router): void {
  Sentry.init({
    app,
    dsn: document.querySelector("meta[name=sentry-dsn]")?.getAttribute("content") ?? "",
    integrations: [Sentry.browserTracingIntegration({ router })],
    traceLifecycle: "static",
    tracesSampleRate: 0.1,
  });
}
