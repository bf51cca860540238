import {
  attachErrorHandler, breadcrumbsIntegration, browserApiErrorsIntegration, BrowserClient, browserTracingIntegration, consoleIntegration,
  dedupeIntegration, defaultStackParser, eventFiltersIntegration, functionToStringIntegration, getCurrentScope, getTraceData,
  globalHandlersIntegration, linkedErrorsIntegration, makeFetchTransport, SDK_VERSION, startInactiveSpan,
} from "@sentry/vue";
import type { App } from "vue";
import type { Router } from "vue-router";
import type { Recorder, Sdk, SentryClient, SentryIntegration } from "./sdk.js";
import type { SentryOptions } from "./settings.js";
import { start } from "./start.js";

const sdk: Sdk = {
  BrowserClient, SDK_VERSION, breadcrumbsIntegration, browserApiErrorsIntegration, consoleIntegration, dedupeIntegration, defaultStackParser,
  eventFiltersIntegration, functionToStringIntegration, getCurrentScope, getTraceData, globalHandlersIntegration,
  linkedErrorsIntegration, makeFetchTransport,
};

/**
 * Reports what a component raises, and how long the application took to appear.
 *
 * Sentry's own integration watches each component's every hook for that.
 */
function watch(app: App): void {
  attachErrorHandler(app, { attachProps: false });
  const mount = app.mount.bind(app);
  app.mount = (...given) => {
    const attributes = { "sentry.op": "ui.vue.render", "sentry.origin": "auto.ui.vue" };
    const span = startInactiveSpan({ name: "Application Render", attributes, onlyIfParent: true });
    try {
      return mount(...given);
    } finally {
      span.end();
    }
  };
}

/** Starts Sentry for a Vue application, with or without recordings. */
export function startVue(
  app: App,
  router: Router | undefined,
  options: SentryOptions<SentryIntegration>,
  recorder: Recorder | undefined,
): SentryClient | undefined {
  const framework = {
    name: "sentry.javascript.vue",
    integrations: () => [
      { name: "Vue", setup: () => { watch(app); } },
      browserTracingIntegration(router === undefined ? {} : { router, routeLabel: "path" }),
    ],
    join: () => {
      attachErrorHandler(app, { attachProps: false });
    },
  };
  return start(sdk, framework, router, options, recorder);
}
