import {
  attachErrorHandler, breadcrumbsIntegration, browserApiErrorsIntegration, BrowserClient, browserTracingIntegration, consoleIntegration,
  dedupeIntegration, defaultStackParser, eventFiltersIntegration, functionToStringIntegration, getCurrentScope, getTraceData,
  globalHandlersIntegration, httpContextIntegration, linkedErrorsIntegration, makeFetchTransport, SDK_VERSION, vueIntegration,
} from "@sentry/vue";
import type { App } from "vue";
import type { Router } from "vue-router";
import type { Recorder, Sdk, SentryClient, SentryIntegration } from "./sdk.js";
import type { SentryOptions } from "./settings.js";
import { start } from "./start.js";


const sdk: Sdk = {
  BrowserClient, SDK_VERSION, breadcrumbsIntegration, browserApiErrorsIntegration, consoleIntegration, dedupeIntegration, defaultStackParser,
  eventFiltersIntegration, functionToStringIntegration, getCurrentScope, getTraceData, globalHandlersIntegration, httpContextIntegration,
  linkedErrorsIntegration, makeFetchTransport,
};

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
      vueIntegration({ app, attachProps: false }),
      browserTracingIntegration(router === undefined ? {} : { router, routeLabel: "path" }),
    ],
    join: () => {
      attachErrorHandler(app, { attachProps: false });
    },
  };
  return start(sdk, framework, router, options, recorder);
}
