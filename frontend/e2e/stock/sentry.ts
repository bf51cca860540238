import * as Sentry from "@sentry/vue";
import type { App } from "vue";
import type { Router } from "vue-router";

/** As a guide would have it: account, headers and bodies stripped from events by hand. */
export function initSentry(app: App, router: Router): void {
  Sentry.init({
    app,
    dsn: document.querySelector("meta[name=sentry-dsn]")?.getAttribute("content") ?? "",
    integrations: [Sentry.browserTracingIntegration({ router }), Sentry.replayIntegration({ useCompression: false })],
    traceLifecycle: "static",
    tracesSampleRate: 0.1,
    replaysSessionSampleRate: 0.1,
    replaysOnErrorSampleRate: 1,
    beforeSend(event) {
      if (event.user) event.user = { id: event.user.id ?? "" };
      if (event.request) event.request = { url: event.request.url ?? "" };
      return event;
    },
  });
}
