import * as Sentry from "@sentry/vue";

/** Everything on, as its documentation sets it up; texts in recordings are masked by default. */
export function initSentry(app, router) {
  Sentry.init({
    app,
    dsn: document.querySelector("meta[name=sentry-dsn]").content,
    integrations: [
      Sentry.browserTracingIntegration({ router }), Sentry.replayIntegration({ useCompression: false }), Sentry.feedbackIntegration({ autoInject: false }),
      Sentry.replayCanvasIntegration(), Sentry.featureFlagsIntegration(), Sentry.extraErrorDataIntegration(), Sentry.browserProfilingIntegration(),
    ],
    attachProps: true,
    enableLogs: true,
    traceLifecycle: "static",
    tracesSampleRate: 1,
    profilesSampleRate: 1,
    replaysSessionSampleRate: 1,
  });
}
