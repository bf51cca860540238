import { isIgnored } from "./event.js";
import { handedOver, handOvers, merge } from "./facts.js";
import { makeGuard, type Guard } from "./guard.js";
import { checkPolicy } from "./kinds.js";
import { integrationsOf } from "./integrations.js";
import { policy as defaultPolicy } from "./policy.gen.js";
import { propagateTrace } from "./propagation.js";
import type { Framework, Recorder, Sdk, SentryClient, SentryIntegration } from "./sdk.js";
import { resolveTarget, type SentryOptions, type Target } from "./settings.js";
import { tagEvents } from "./tagging.js";
import { guardClients, guardedTransport } from "./transport.js";
import type { RouteRecords } from "./urls.js";

/** The page's one guard and the client behind it. */
interface Page {
  ask: () => Guard | undefined;
  addRouter: (router: RouteRecords) => void;
  client: SentryClient | undefined;
}

let page: Page | undefined;

/**
 * Starts Sentry behind the guard.
 *
 * Whatever goes wrong, it says so in one line of the console and never raises: an application mounts without it. Without
 * a guard nothing is sent, by no client of the page.
 */
export function start(
  sdk: Sdk,
  framework: Framework,
  router: RouteRecords | undefined,
  options: SentryOptions<SentryIntegration>,
  recorder: Recorder | undefined,
): SentryClient | undefined {
  if (typeof document === "undefined" || typeof location === "undefined") {
    say("this isn't a browser; errors are reported from the page only");
    return undefined;
  }
  try {
    return page === undefined ? startFirst(sdk, framework, router, options, recorder) : join(page, framework, router);
  } catch {
    say("the guard couldn't be started; nothing is reported");
    return page?.client;
  }
}

/** Another application of the page: its errors and pages go to the client that is there. */
function join(first: Page, framework: Framework, router: RouteRecords | undefined): SentryClient | undefined {
  if (router !== undefined) first.addRouter(router);
  if (first.client !== undefined) framework.join();
  return first.client;
}

function startFirst(
  sdk: Sdk,
  framework: Framework,
  router: RouteRecords | undefined,
  options: SentryOptions<SentryIntegration>,
  recorder: Recorder | undefined,
): SentryClient | undefined {
  const started: Page = { ask: () => undefined, addRouter: () => undefined, client: undefined };
  page = started;
  // Closed before anything is read: a guard that can't be made leaves no client open.
  guardClients(sdk, () => started.ask(), () => {
    say("Sentry was also started by the application; what that client sends passes the same guard");
  });
  const policy = checkPolicy(options.policy ?? defaultPolicy);
  const target = resolveTarget(options, policy, merge(handedOver()), document);
  openGuard(started, policy, target, options, router, recorder);
  if (target.problem !== undefined) {
    say(target.problem);
    return undefined;
  }
  const replay = options.replay === false || recorder === undefined ? undefined : { ...options.replay };
  const client = new sdk.BrowserClient({
    dsn: target.dsn,
    ...(target.release === undefined ? {} : { release: target.release }),
    ...(target.environment === undefined ? {} : { environment: target.environment }),
    ...(options.tunnel === undefined ? {} : { tunnel: options.tunnel }),
    _metadata: { sdk: { name: framework.name, version: sdk.SDK_VERSION } },
    stackParser: sdk.defaultStackParser,
    integrations: integrationsOf(sdk, framework, options, replay === undefined ? undefined : recorder, say),
    transport: guardedTransport(() => started.ask(), replay?.compress ?? true, sdk.makeFetchTransport),
    // Streamed spans would leave before their page has a name.
    traceLifecycle: "static",
    // What is sent is made anew behind all this; it needn't be copied before.
    normalizeDepth: 0,
    dataCollection: NOTHING,
    enhanceFetchErrorMessages: false,
    sendClientReports: false,
    tracesSampleRate: options.tracesSampleRate ?? 0.1,
    tracePropagationTargets: [],
    replaysSessionSampleRate: replay === undefined ? 0 : (replay.sessionSampleRate ?? 0.1),
    replaysOnErrorSampleRate: replay === undefined ? 0 : (replay.onErrorSampleRate ?? 1),
    ignoreErrors: options.ignoreErrors ?? [],
    denyUrls: options.denyUrls ?? [],
    allowUrls: options.allowUrls ?? [],
    // An error that is never sent must not start a recording either.
    beforeSend: (event) => {
      const guard = started.ask();
      return guard === undefined || isIgnored(guard, event) ? null : event;
    },
  });
  started.client = client;
  const scope = sdk.getCurrentScope();
  scope.setClient(client);
  if (options.initialScope !== undefined) scope.update({ ...options.initialScope });
  tagEvents(client);
  propagateTrace(client, sdk, () => started.ask()?.urls);
  client.init();
  return client;
}

/** Nothing of what the SDK would collect of its own accord. */
const NOTHING = {
  userInfo: false,
  cookies: false,
  httpHeaders: false,
  httpBodies: [],
  urlQueryParams: false,
  graphQL: { document: false, variables: false },
  genAI: { inputs: false, outputs: false },
  mcp: { inputs: false, outputs: false },
  databaseQueryData: false,
  queues: false,
  stackFrameVariables: false,
  frameContextLines: 0,
} satisfies ConstructorParameters<Sdk["BrowserClient"]>[0]["dataCollection"];

/** Makes the guard of what is known now. In development it is made again when a module has brought its own facts. */
function openGuard(
  started: Page,
  policy: Guard["policy"],
  target: Target,
  options: SentryOptions<SentryIntegration>,
  router: RouteRecords | undefined,
  recorder: Recorder | undefined,
): void {
  const routers = router === undefined ? [] : [router];
  const scripts = [...document.querySelectorAll("script[src], link[rel=modulepreload]")].map((element) =>
    element instanceof HTMLLinkElement ? element.href : element instanceof HTMLScriptElement ? element.src : "",
  );
  const make = (): Guard => {
    const facts = merge(handedOver());
    return makeGuard({
      policy,
      facts,
      origin: location.origin,
      routers,
      backends: options.backends ?? facts.backends,
      routes: options.routes,
      ...target,
      scripts,
      prepare: recorder?.prepare,
      filters: recorder?.filters,
      dropped: (item, reason) => {
        try {
          options.onDrop?.(item, reason);
        } catch {
          // Who is told must not be the one that lets something through.
        }
      },
    });
  };
  let [guard, known] = [make(), handOvers()];
  for (const address of options.backends ?? merge(handedOver()).backends ?? []) {
    if (!guard.urls.isBackend(address)) say("one of `backends` isn't an address; it gets no traceparent");
  }
  const changes = merge(handedOver()).development === true;
  started.ask = () => {
    if (changes && handOvers() !== known) [guard, known] = [make(), handOvers()];
    return guard;
  };
  started.addRouter = (added) => {
    routers.push(added);
    guard.urls.addRouter(added);
  };
}

function say(what: string): void {
  console.info(`[pazpaz-otel] ${what}`);
}
