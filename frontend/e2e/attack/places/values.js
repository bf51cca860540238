/** Places of the newest of Sentry's interface, and values that aren't what they seem. */
import { each, encoded, identifier, later, quiet, settled, slug, thrown } from "./doing.js";

const dsn = () => new URL(document.querySelector("meta[name=sentry-dsn]").content);

const fail = (Sentry, text) => {
  Sentry.captureException(new Error(text));
  Sentry.startSpan({ name: text, forceTransaction: true }, () => undefined);
};

/** A text's digits, else what stands for its letters, as so many hexadecimal ones. */
const hex = (text, length) => (text.replace(/\D/g, "") || Array.from(text, (letter) => letter.charCodeAt(0).toString(16)).join("")).padStart(length, "0").slice(-length);

const uuid = (text) => hex(text, 32).replace(/^(.{8})(.{4}).(.{3}).(.{3})(.{12})$/, "$1-$2-4$3-8$4-$5");

const digits = (text) => Number(text.replace(/\D/g, "").slice(0, 10)) || 0;

/** An object whose members are harmless when they are looked at first, and a text from then on. */
const changing = (members, text) =>
  Object.defineProperties({}, Object.fromEntries(Object.entries(members).map(([name, harmless]) => {
    let reads = 0;
    return [name, { enumerable: true, get: () => ((reads += 1) > 1 ? text : harmless) }];
  })));

export const places = {
  "prototypes": async (texts, { Sentry }) => {
    for (const text of texts) {
      Object.prototype[text] = text;
      Array.prototype[text] = text;
      fail(Sentry, text);
      await Sentry.getReplay()?.flush();
      await Sentry.flush(500);
      delete Object.prototype[text];
      delete Array.prototype[text];
    }
  },
  "values that change as they are read": async (texts, { Sentry }) => {
    const client = Sentry.getClient();
    for (const text of texts) {
      const id = "0123456789abcdef0123456789abcdef";
      const [span, now] = [{ trace_id: id, span_id: id.slice(16), op: "ui.task", origin: "manual", status: "ok", description: "paint" }, Date.now() / 1000];
      const frame = { filename: `${location.origin}/assets/x.js`, function: "Object.keys", lineno: 1, colno: 1, in_app: true };
      const event = {
        ...changing({ event_id: id, timestamp: now, level: "error", transaction: "/", message: "After the plants", start_timestamp: now, platform: "javascript" }, text),
        exception: { values: [changing({ type: "TypeError", value: "After the plants", mechanism: { type: "generic", handled: true } }, text)] },
        spans: [changing({ ...span, start_timestamp: now, timestamp: now }, text)], contexts: { trace: changing(span, text), vue: changing({ componentName: "Page", lifecycleHook: "render" }, text) },
        breadcrumbs: [changing({ category: "console", message: "After the plants", level: "info", type: "default", timestamp: now }, text), { category: "fetch", data: changing({ method: "GET", url: "/", status_code: 200 }, text) }],
        user: changing({ id: "8a0f52c1-6f5b-4c1e-9d3a-2b7c8d9e0f1a" }, text), tags: changing({ environment: "production", request_id: "8a0f52c1-6f5b-4c1e-9d3a-2b7c8d9e0f1a" }, text), request: changing({ url: `${location.origin}/` }, text),
        sdk: changing({ name: "sentry.javascript.vue", version: "11.0.0" }, text), debug_meta: { images: [changing({ type: "sourcemap", code_file: "x", debug_id: uuid("ab") }, text)] },
      };
      event.exception.values.push({ type: "Error", stacktrace: { frames: [changing(frame, text)] } });
      const header = changing({ event_id: id, sent_at: new Date().toISOString(), dsn: dsn().href }, text);
      for (const type of ["event", "transaction"]) {
        await client.getTransport().send([header, [[changing({ type }, text), type === "event" ? event : { ...event, type }]]]);
        await client.getTransport().send([{ ...header, trace: changing({ trace_id: id, public_key: id, sample_rate: "1", sample_rand: "0.5", sampled: "true" }, text) }, [[{ type }, { ...event, type }]]]);
      }
    }
  },
  "objects that answer anything": (texts, { Sentry }) =>
    texts.forEach((text) => {
      const anything = new Proxy(() => undefined, { get: (_target, name) => (name === Symbol.toPrimitive ? () => text : name === "then" ? undefined : text), has: () => true, ownKeys: () => ["length", "name", text], getOwnPropertyDescriptor: () => ({ value: text, enumerable: true, configurable: true }) });
      Sentry.captureException(anything);
      Sentry.captureEvent({ exception: { values: [anything] }, tags: anything, contexts: { trace: anything }, request: anything });
      void Promise.reject(anything);
    }),
  "texts that are objects": (texts, { Sentry }) =>
    texts.forEach((text) => {
      const object = Object.assign(new String(text), { toJSON: () => text });
      Sentry.captureException(Object.assign(new Error(object), { name: object }));
      Sentry.captureMessage(object);
      Sentry.captureEvent({ message: object, level: object, transaction: object, event_id: object, release: object, tags: { environment: object }, user: { id: object } });
      Sentry.addBreadcrumb({ category: "console", message: object, level: object, data: { arguments: [object] } });
    }),
  "ids made of data": async (texts, { Sentry }) => {
    for (const text of texts) {
      const [traceId, spanId] = [hex(text, 32), hex(text, 16)];
      await Sentry.continueTrace({ sentryTrace: `${traceId}-${spanId}-1`, baggage: `sentry-trace_id=${traceId},sentry-public_key=${traceId}` }, () => fail(Sentry, text));
      Sentry.captureEvent({ event_id: traceId, contexts: { trace: { trace_id: traceId, span_id: spanId, parent_span_id: spanId }, replay: { replay_id: traceId } }, tags: { replayId: traceId, request_id: uuid(text), "workspace.id": uuid(text) }, user: { id: uuid(text) } });
      Sentry.captureException(Object.assign(new Error("x"), { requestId: uuid(text) }));
      await Sentry.getClient().getTransport().send([{ event_id: traceId, dsn: `https://${traceId}@${slug(text).replace(/[^a-z0-9-]/g, "")}.example/${hex(text, 9)}`, trace: { trace_id: traceId, public_key: traceId, replay_id: traceId, sample_rand: `0.${hex(text, 9)}`, sample_rate: `0.${hex(text, 9)}` } }, [[{ type: "event" }, { event_id: traceId, debug_meta: { images: [{ type: "sourcemap", code_file: document.scripts[0].src, debug_id: uuid(text) }] } }]]]);
    }
  },
  "numbers made of data": async (texts, { Sentry }) => {
    for (const text of texts) {
      const number = digits(text);
      Sentry.addBreadcrumb({ category: "fetch", timestamp: number, data: { method: "GET", url: "/", status_code: number, request_body_size: number, response_body_size: number } });
      Sentry.addBreadcrumb({ category: "ui.focus", data: { count: number } });
      Sentry.captureEvent({ timestamp: number, exception: { values: [{ type: "Error", stacktrace: { frames: [{ filename: document.scripts[0].src, lineno: number, colno: number }] }, mechanism: { type: "generic", exception_id: number, parent_id: number } }] } });
      Sentry.startSpan({ name: "x", forceTransaction: true, startTime: number, attributes: { "http.status_code": number, "server.port": number, "http.request.size": number, duration_ms: number / 1000, method: number } }, () => { for (const name of ["lcp", "cls", "connection.rtt"]) Sentry.setMeasurement(name, number, "byte"); });
      for (const data of [{ memory: { usedJSHeapSize: number } }, { size: number, statusCode: number, usedJSHeapSize: number, requestBodySize: number, value: number }]) Sentry.getReplay()?._replay?.eventBuffer?.addEvent?.({ type: 5, timestamp: Date.now(), data: { tag: "performanceSpan", payload: { op: "memory", description: "memory", startTimestamp: Date.now() / 1000, endTimestamp: Date.now() / 1000, data } } });
    }
  },
  "words like Sentry's own": async (texts, { Sentry }) => {
    const client = Sentry.getClient();
    for (const text of texts) {
      const word = slug(text).replace(/[^a-z]+/g, "_").replace(/^_|_$/g, "") || "x";
      const origin = `auto.${word}.${word}`;
      Sentry.startSpan({ name: "x", forceTransaction: true, op: `ui.${word}`, attributes: { "sentry.origin": origin, "sentry.op": `ui.${word}` } }, () => Sentry.startInactiveSpan({ name: "y", op: "ui.task", attributes: { "sentry.origin": origin } }).end());
      Sentry.captureException(new Error("x"), { mechanism: { type: origin, handled: false, source: `errors[${digits(text)}]` } });
      Sentry.captureException(new Error("x"), { mechanism: { type: `auto.browser.browserapierrors.${identifier(text)}`, handled: false } });
      for (const version of [word, `11.0.0-${word}`, `1.${digits(text)}`]) await client.getTransport().send([{ sdk: { name: "sentry.javascript.vue", version } }, [[{ type: "event" }, { sdk: { name: "sentry.javascript.vue", version }, contexts: { vue: { lifecycleHook: `https://vuejs.org/error-reference/#runtime-${word.slice(0, 3)}` } } }]]]);
    }
  },
  "names of further SDKs": async (texts, { Sentry }) => {
    for (const text of texts) {
      const client = new Sentry.BrowserClient({ dsn: dsn().href, transport: Sentry.makeFetchTransport, transportOptions: { headers: { "x-name": encoded(text) } }, stackParser: Sentry.defaultStackParser, integrations: [], _metadata: { sdk: { name: text, version: text } } });
      client.init();
      client.captureException(new Error(text));
      await client.flush(500);
    }
  },
  "dialogues of reports": (texts, { Sentry }) =>
    texts.forEach((text) => {
      Sentry.setUser({ name: text, email: text, username: text });
      Sentry.captureException(new Error("x"));
      Sentry.showReportDialog({ title: text, labelName: text, user: { name: text, email: text } });
      Sentry.showReportDialog({ eventId: text });
    }),
  "Spotlight": (texts, { Sentry }) => {
    Sentry.addIntegration(Sentry.spotlightBrowserIntegration({ sidecarUrl: `${dsn().origin}/stream` }));
    texts.forEach((text) => fail(Sentry, text));
    return settled();
  },
  "listeners to envelopes": async (texts, { Sentry }) => {
    const client = Sentry.getClient();
    const stop = client.on("beforeEnvelope", (envelope) => void quiet(fetch(`${dsn().origin}/stream`, { method: "POST", body: JSON.stringify(envelope) })));
    texts.forEach((text) => fail(Sentry, text));
    await Sentry.flush(500);
    stop();
  },
  "stores": (texts, { Sentry }) =>
    texts.forEach((text) => {
      const actions = [];
      const pinia = { state: { value: { [text]: { [text]: text } } } };
      Sentry.createSentryPiniaPlugin?.()({ pinia, store: { $id: text, $state: { text }, $onAction: (listen) => actions.push(listen) } });
      for (const listen of actions) listen({ name: text, args: [text], after: (then) => then(text), onError: (then) => then(new Error(text)) });
      fail(Sentry, text);
    }),
  "flags of features": (texts, { Sentry }) => {
    Sentry.addIntegration(Sentry.launchDarklyIntegration());
    Sentry.addIntegration(Sentry.openFeatureIntegration());
    texts.forEach((text) => {
      Sentry.buildLaunchDarklyFlagUsedHandler().method(text, { value: true });
      new Sentry.OpenFeatureIntegrationHook().after({}, { flagKey: text, value: true });
      Sentry.startSpan({ name: "x", forceTransaction: true }, () => { Sentry.buildLaunchDarklyFlagUsedHandler().method(text, { value: true }); fail(Sentry, text); });
    });
  },
  "spans by hand": (texts, { Sentry }) =>
    texts.forEach((text) => {
      Sentry.startNewTrace(() => Sentry.startSpanManual({ name: text, op: text, forceTransaction: true, links: [{ context: { traceId: hex(text, 32), spanId: hex(text, 16) }, attributes: { [text]: text } }] }, (span) => {
        Sentry.updateSpanName(span, text);
        span.setAttributes({ [text]: text, "user.id": text, "url.template": `/${text}`, "http.route": text, "feature_flag.result.reason": text });
        span.recordException(new Error(text));
        Sentry.withActiveSpan(span, () => Sentry.setHttpStatus(Sentry.startInactiveSpan({ name: `Vue <${text}>`, op: `ui.vue.${text}` }), 404));
        span.end();
      }));
    }),
  "streamed spans": async (texts, { Sentry }) => {
    Sentry.addIntegration(Sentry.spanStreamingIntegration());
    const client = Sentry.getClient();
    for (const text of texts) {
      const attributes = Object.fromEntries([text, "sentry.op", "sentry.origin", "sentry.segment.name", "sentry.transaction", "browser.web_vital.inp.value", "url.full", "user.email"].map((name) => [name, { value: text, type: "string" }]));
      const span = { trace_id: hex(text, 32), span_id: hex(text, 16), name: text, status: text, is_segment: text, start_timestamp: text, attributes };
      const items = [span, { ...span, attributes: { ...attributes, "sentry.op": { value: "ui.interaction.click", type: text } } }];
      await client.getTransport().send([{}, [[{ type: "span", item_count: text, content_type: text }, { items, version: text, ingest_settings: { infer_ip: text } }]]]);
      Sentry.startSpan({ name: text, op: "ui.interaction.click", attributes: { [text]: text } }, () => undefined);
    }
  },
  "loads and navigations by hand": async (texts, { Sentry }) => {
    const client = Sentry.getClient();
    for (const text of texts) {
      for (const start of [Sentry.startBrowserTracingPageLoadSpan, Sentry.startBrowserTracingNavigationSpan]) {
        for (const name of [text, `/${text}`, `/clients/${text}`]) start(client, { name, op: "navigation", attributes: { "sentry.source": "route", "url.full": `http://x/${text}`, [text]: text } }, { url: `http://x/${encoded(text)}` })?.end();
      }
      Sentry.setActiveSpanInBrowser(Sentry.startInactiveSpan({ name: text }));
      Sentry.reportPageLoaded();
    }
  },
  "providers of routes": async (texts, { Sentry }) => {
    const cached = Sentry.createCachedRouteProvider();
    Sentry.setRouteProvider(Sentry.createUrlRouteProvider((url) => `/clients/${url.pathname}`));
    for (const text of texts) {
      cached.record("/", text);
      cached.record(location.pathname, `/${text}`);
      Sentry.setRouteProvider(cached);
      history.pushState({}, "", `/clients/${encoded(text)}`);
      await settled();
      fail(Sentry, text);
    }
    history.replaceState({}, "", "/");
  },
  "profiles": async (texts, { Sentry }) => {
    Sentry.addIntegration(Sentry.browserProfilingIntegration());
    Sentry.uiProfiler?.startProfiler();
    await each(texts, (text) => Sentry.startSpan({ name: text, forceTransaction: true }, Object.defineProperty(() => thrown(new Error(text)), "name", { value: text })));
    Sentry.uiProfiler?.stopProfiler();
  },
  "hierarchies of views": async (texts, { Sentry, root }) => {
    // Each event after these would walk through all that is planted by then.
    let shouldAttach = true;
    Sentry.addIntegration(Sentry.viewHierarchyIntegration({ shouldAttach: () => shouldAttach }));
    Sentry.addIntegration(Sentry.cultureContextIntegration());
    Sentry.addIntegration(Sentry.browserSessionIntegration());
    texts.forEach((text) => { root().setAttribute("data-name", text); root().id = "plants"; fail(Sentry, text); });
    await Sentry.flush(500);
    shouldAttach = false;
  },
  "loggers": (texts, { Sentry }) => {
    Sentry.addIntegration(Sentry.consoleLoggingIntegration({ levels: ["log", "error"] }));
    texts.forEach((text) => {
      Sentry.createConsolaReporter().log({ type: text, level: 1, tag: text, args: [text, { [text]: text }], date: new Date() });
      console.log(text, { text });
      Sentry.setAttributes?.({ [text]: text });
      Sentry.setAttribute?.(text, { value: text, unit: text });
      Sentry.metrics.count(text, 1, { attributes: { [text]: text } });
      fail(Sentry, text);
    });
  },
  "errors of forms": (texts, { Sentry }) => {
    Sentry.addIntegration(Sentry.zodErrorsIntegration?.());
    texts.forEach((text) => Sentry.captureException(Object.assign(new Error(JSON.stringify([{ path: [text] }])), { name: "ZodError", errors: [{ path: [text], message: text, code: text, received: text }], issues: [{ path: [text], message: text, code: text, received: text }] })));
  },
  "requests that fail": (texts, { Sentry }) => {
    Sentry.addIntegration(Sentry.httpClientIntegration({ failedRequestStatusCodes: [[200, 599]], failedRequestTargets: [/graphql/] }));
    Sentry.addIntegration(Sentry.graphqlClientIntegration({ endpoints: [/graphql/] }));
    Sentry.addIntegration(Sentry.fetchStreamPerformanceIntegration());
    return Promise.all(texts.map((text) => quiet(fetch(`/api/graphql/${encoded(text)}`, { method: "POST", body: JSON.stringify({ query: `query ${identifier(text)} { x }`, operationName: text, variables: { text } }), headers: { "content-type": "application/json", authorization: encoded(text) } }))));
  },
  "envelopes of feedback": async (texts, { Sentry }) => {
    for (const text of texts) await Sentry.getClient().sendEnvelope(Sentry.createUserFeedbackEnvelope({ event_id: hex(text, 32), name: text, email: text, comments: text }, { metadata: { sdk: { name: text, version: text } }, dsn: Sentry.getClient().getDsn(), tunnel: "x" }));
  },
  "times and interactions": (texts, { Sentry }) => {
    for (const make of [Sentry.userTimingIntegration, Sentry.interactionsIntegration, Sentry.elementTimingIntegration, Sentry.bfcacheMetricsIntegration]) Sentry.addIntegration(make());
    texts.forEach((text) => Sentry.startSpan({ name: "x", forceTransaction: true }, () => { performance.mark(text, { detail: { [text]: text } }); performance.measure(text, { start: 0, end: 5, detail: text }); }));
  },
  "applications' routers": (texts, { initSentry }) =>
    texts.forEach((text) => {
      const name = identifier(text);
      const paths = [`/clients/:${name}`, `/rooms/:id(${name})`, `/${encoded(text)}`, `/clients/:id/${name}`];
      for (const path of paths) {
        const router = { getRoutes: () => paths.map((one) => ({ path: one })), resolve: () => ({ matched: [{ path }] }), options: { history: { base: `/${name}` } } };
        initSentry(router, { pages: paths, routes: paths, environment: text, release: text });
        history.pushState({}, "", "/clients/1");
        later(() => thrown(new Error("x")));
      }
    }),
};
