import { browserTracingIntegration, getDefaultIntegrations, init, replayIntegration, vueIntegration } from "@sentry/vue";
import type { App } from "vue";
import type { Router } from "vue-router";
import { rebuildBreadcrumb } from "./breadcrumbs.js";
import { facts } from "./build.js";
import { rebuildEvent } from "./event.js";
import { makeGuard, type Guard } from "./guard.js";
import { policy as defaultPolicy } from "./policy.gen.js";
import { propagateTrace, type SentryClient } from "./propagation.js";
import { resolveTarget, type SentryOptions } from "./settings.js";
import { rebuildTransaction } from "./transaction.js";
import { guardedTransport } from "./transport.js";

/**
 * Reports the errors of a Vue application to Sentry, linked to the back end's traces and without patient data.
 *
 * Call it once, before `app.mount()`. Without a DSN it does nothing but say so.
 *
 * @returns Sentry's client, or `undefined` where there is no usable DSN.
 */
export function initSentry(app: App, router: Router, options: SentryOptions = {}): SentryClient | undefined {
  const target = resolveTarget(options, facts, document);
  if (typeof target === "string") {
    console.info(`[pazpaz-otel] ${target}`);
    return undefined;
  }
  const replay = options.replay === false ? undefined : { ...options.replay };
  const guard = makeGuard({
    policy: options.policy ?? defaultPolicy,
    facts,
    origin: location.origin,
    router,
    base: router.options.history.base,
    backends: options.backends,
    routes: options.routes,
    release: target.release,
    environment: target.environment,
    dropped: options.onDrop,
  });
  const client = init({
    app,
    ...target,
    // Streamed spans would pass `beforeSendTransaction` by.
    traceLifecycle: "static",
    defaultIntegrations: false,
    integrations: integrations(router, replay !== undefined),
    attachProps: false,
    sendClientReports: false,
    sendDefaultPii: false,
    tracesSampleRate: options.tracesSampleRate ?? 0.1,
    tracePropagationTargets: [],
    replaysSessionSampleRate: replay === undefined ? 0 : (replay.sessionSampleRate ?? 0.1),
    replaysOnErrorSampleRate: replay === undefined ? 0 : (replay.onErrorSampleRate ?? 1),
    transport: guardedTransport(guard, replay?.compress ?? true),
    beforeSend: guarded(guard, "event", (event) => rebuildEvent(guard, event)),
    beforeSendTransaction: guarded(guard, "transaction", (event) => rebuildTransaction(guard, event)),
    beforeBreadcrumb: guarded(guard, "breadcrumb", (crumb) => rebuildBreadcrumb(guard, crumb)),
  } as Parameters<typeof init>[0]);
  if (client !== undefined) propagateTrace(client, guard.urls);
  return client;
}

/** The default integrations that stay: each has a filter for what it adds. Sessions and locale don't. */
const DEFAULTS = new Set([
  "EventFilters", "InboundFilters", "FunctionToString", "BrowserApiErrors", "Breadcrumbs", "Console", "GlobalHandlers",
  "LinkedErrors", "Dedupe", "HttpContext",
]);

type Integrations = ReturnType<typeof getDefaultIntegrations>;

function integrations(router: Router, replay: boolean): Integrations {
  const chosen: Integrations = [
    ...getDefaultIntegrations({}).filter(({ name }) => DEFAULTS.has(name)),
    vueIntegration(),
    browserTracingIntegration({ router, routeLabel: "path" }),
  ];
  if (replay) {
    // Compressed, a recording couldn't be read by the guard, which compresses it afterwards.
    chosen.push(replayIntegration({ useCompression: false, networkCaptureBodies: false }));
  }
  return chosen;
}

/** A hook that never raises: where the filter does, the item doesn't leave. */
function guarded<T>(guard: Guard, item: string, rebuild: (value: unknown) => T | undefined): (value: unknown) => T | null {
  return (value) => {
    try {
      return rebuild(value) ?? null;
    } catch {
      guard.dropped(item, "guard_failed");
      return null;
    }
  };
}
