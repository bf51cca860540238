/** Places that Sentry's own interface has. */
import { encoded } from "./doing.js";

const envelopeOf = (type, payload, more = {}) => [{ event_id: "0123456789abcdef0123456789abcdef", ...more }, [[{ type, ...more }, payload]]];

/** Every field that an event can have. */
const eventOf = (text) => ({
  message: text, logentry: { message: text, params: [text] }, server_name: text, release: text, dist: text, environment: text, logger: text, level: text, platform: text,
  transaction: text, fingerprint: [text], modules: { [text]: text }, extra: { [text]: text }, tags: { [text]: text }, contexts: { [text]: { [text]: text } }, type: undefined,
  user: { id: text, email: text, username: text, ip_address: text, geo: { city: text }, data: { text } },
  request: { url: `http://x/${text}`, headers: { [text]: text }, cookies: { [text]: text }, query_string: text, data: text, env: { text } },
  sdk: { name: text, version: text, integrations: [text], packages: [{ name: text, version: text }], settings: { infer_ip: text } },
  exception: { values: [{ type: text, value: text, module: text, mechanism: { type: text, data: { [text]: text }, description: text, help_link: text, source: text }, stacktrace: { registers: { [text]: text }, frames: [{ filename: text, abs_path: text, function: text, module: text, vars: { [text]: text }, context_line: text, pre_context: [text] }] } }] },
  threads: { values: [{ id: 1, name: text, stacktrace: { frames: [{ filename: text }] } }] },
  debug_meta: { images: [{ type: "sourcemap", code_file: text, debug_id: text }] }, sdkProcessingMetadata: { text }, start_timestamp: text, timestamp: text, event_id: text,
  breadcrumbs: [{ category: text, message: text, type: text, level: text, data: { [text]: text } }], spans: [{ op: text, description: text, data: { [text]: text } }], measurements: { [text]: { value: 1, unit: text } },
});

const dsn = () => document.querySelector("meta[name=sentry-dsn]").content;

const thrown = (Sentry, text) => {
  Sentry.captureException(new Error(text));
  Sentry.captureMessage(text);
};

export const places = {
  "tags": (texts, { Sentry }) => texts.forEach((text) => { Sentry.setTag(text, text); Sentry.setTags({ environment: text, request_id: text, "workspace.id": text }); }),
  "contexts": (texts, { Sentry }) => texts.forEach((text) => { Sentry.setContext(text, { [text]: text }); Sentry.setContext("vue", { componentName: text, lifecycleHook: text }); Sentry.setContext("replay", { replay_id: text }); }),
  "extras": (texts, { Sentry }) => texts.forEach((text) => { Sentry.setExtra(text, { [text]: [text] }); Sentry.setExtras({ text }); }),
  "users": (texts, { Sentry }) => texts.forEach((text) => { Sentry.setUser({ id: text, email: text, username: text, ip_address: text, [text]: text }); thrown(Sentry, text); }),
  "names of transactions": (texts, { Sentry }) => texts.forEach((text) => { Sentry.getCurrentScope().setTransactionName(text); thrown(Sentry, text); Sentry.getCurrentScope().setTransactionName(`/clients/${text}`); thrown(Sentry, text); }),
  "fingerprints and levels": (texts, { Sentry }) => texts.forEach((text) => Sentry.withScope((scope) => { scope.setFingerprint([text]); scope.setLevel(text); thrown(Sentry, text); })),
  "attributes of the scope": (texts, { Sentry }) => texts.forEach((text) => { Sentry.getGlobalScope().setAttributes?.({ [text]: text }); Sentry.getIsolationScope().setSDKProcessingMetadata({ [text]: text, normalizedRequest: { url: text, headers: { text } } }); Sentry.setConversationId?.(text); }),
  "breadcrumbs": (texts, { Sentry }) =>
    texts.forEach((text) => {
      for (const category of [text, "console", "navigation", "fetch", "xhr", "ui.click", "ui.input", "sentry.event", "auth"]) {
        Sentry.addBreadcrumb({ category, type: text, level: text, message: text, data: { [text]: text, url: `/x/${encoded(text)}`, method: text, from: `/${text}`, to: text, arguments: [text], logger: text, status_code: text } });
      }
      thrown(Sentry, text);
    }),
  "messages with parameters": (texts, { Sentry }) => texts.forEach((text) => { Sentry.captureMessage(Sentry.parameterize?.(["After the plants ", ""], text) ?? text); Sentry.captureMessage(text, { tags: { text }, extra: { text }, contexts: { a: { text } }, user: { username: text }, fingerprint: [text] }); }),
  "events": (texts, { Sentry }) => texts.forEach((text) => Sentry.captureEvent(eventOf(text))),
  "events that aren't errors": (texts, { Sentry }) => texts.forEach((text) => { Sentry.captureEvent({ ...eventOf(text), type: "transaction", contexts: { trace: { trace_id: text, span_id: text, op: text, data: { [text]: text } } } }); Sentry.captureEvent({ ...eventOf(text), type: "replay_event" }); }),
  "feedback": (texts, { Sentry }) => texts.forEach((text) => { Sentry.captureFeedback({ message: text, name: text, email: text, url: `http://x/${text}`, source: text, tags: { [text]: text } }, { attachments: [{ filename: text, data: text }] }); void Sentry.sendFeedback?.({ message: text, name: text }).catch(() => undefined); }),
  "attachments": (texts, { Sentry }) =>
    texts.forEach((text) => {
      Sentry.captureException(new Error("x"), { attachments: [{ filename: text, data: text, contentType: text }] });
      Sentry.withScope((scope) => { scope.addAttachment({ filename: text, data: new TextEncoder().encode(text) }); thrown(Sentry, text); });
    }),
  "hints": (texts, { Sentry }) => texts.forEach((text) => Sentry.captureException(new Error("x"), { data: { text }, mechanism: { type: text, data: { [text]: text } }, captureContext: { tags: { [text]: text }, extra: { text } } })),
  "logs": (texts, { Sentry }) => texts.forEach((text) => { for (const level of ["trace", "debug", "info", "warn", "error", "fatal"]) Sentry.logger?.[level]?.(text, { [text]: text }); Sentry.logger?.info(Sentry.logger.fmt`said ${text}`); }),
  "metrics": (texts, { Sentry }) => texts.forEach((text) => { Sentry.metrics?.count?.(text, 1, { unit: text, attributes: { [text]: text } }); Sentry.metrics?.gauge?.(text, 1); Sentry.metrics?.distribution?.(text, 1, { unit: text }); }),
  "spans": (texts, { Sentry }) =>
    texts.forEach((text) =>
      Sentry.startSpan({ name: text, op: text, forceTransaction: true, attributes: { [text]: text, "url.full": text, "http.url": text, "sentry.origin": text, "sentry.op": text, "sentry.source": text } }, (span) => {
        Sentry.startInactiveSpan({ name: text, op: "http.client", attributes: { "url.path": text, "http.route": text } }).end();
        Sentry.startInactiveSpan({ name: `GET /${text}`, op: "http.client" }).end();
        Sentry.startInactiveSpan({ name: `Vue <${text}>`, op: "ui.vue.update" }).end();
        Sentry.startInactiveSpan({ name: `/assets/${text}.js`, op: "resource.script" }).end();
        span.addEvent(text, { [text]: text });
        span.addLink?.({ context: span.spanContext(), attributes: { [text]: text } });
        span.setStatus({ code: 2, message: text });
        span.updateName(text);
      }),
    ),
  "measurements": (texts, { Sentry }) => texts.forEach((text) => Sentry.startSpan({ name: "x", forceTransaction: true }, () => { Sentry.setMeasurement(text, 1, text); Sentry.setMeasurement("lcp", 1, text); })),
  "sampling": (texts, { Sentry }) =>
    texts.forEach((text) =>
      Sentry.withScope((scope) => {
        scope.setPropagationContext({ traceId: "0123456789abcdef0123456789abcdef", sampleRand: 0.1, parentSpanId: text, propagationSpanId: text, dsc: { [text]: text, transaction: text, release: text, environment: text, user_segment: text, org_id: text, trace_id: text } });
        thrown(Sentry, text);
        return fetch("/api/v1/clients");
      }),
    ),
  "traces that go on": async (texts, { Sentry }) => {
    for (const text of texts) {
      await Sentry.continueTrace({ sentryTrace: "0123456789abcdef0123456789abcdef-0123456789abcdef-1", baggage: `sentry-trace_id=0123456789abcdef0123456789abcdef,sentry-transaction=${encoded(text)},sentry-release=${encoded(text)},name=${encoded(text)}` }, () =>
        Sentry.startSpan({ name: "x", forceTransaction: true }, () => { thrown(Sentry, text); return fetch("/api/v1/clients").catch(() => undefined); }));
    }
  },
  "sessions": (texts, { Sentry }) => texts.forEach((text) => { Sentry.setUser({ id: text, username: text }); Sentry.startSession({ release: text, environment: text, userAgent: text, ipAddress: text, did: text }); Sentry.captureSession(); Sentry.endSession(); }),
  "monitors": (texts, { Sentry }) => texts.forEach((text) => Sentry.getClient()?.captureCheckIn?.({ monitorSlug: text, status: "ok" }, undefined)),
  "hooks of the client": (texts, { Sentry }) =>
    texts.forEach((text) => {
      const client = Sentry.getClient();
      Sentry.addEventProcessor((event) => ({ ...event, extra: { ...event.extra, [text]: text }, tags: { [text]: text }, transaction: text }));
      client.on("beforeSendEvent", (event) => { event.server_name = text; });
      client.on("beforeEnvelope", (envelope) => { envelope[0].name = text; envelope[1].push([{ type: "attachment", filename: text, length: text.length }, text]); });
      client.on("createDsc", (dsc) => { dsc.transaction = text; });
      client.getOptions().beforeSend = (event) => ({ ...event, message: text });
      client.getOptions().beforeBreadcrumb = (crumb) => ({ ...crumb, message: text });
      client.getOptions().release = text;
      client.getOptions().environment = text;
      thrown(Sentry, text);
    }),
  "envelopes": async (texts, { Sentry }) => {
    const client = Sentry.getClient();
    for (const text of texts) {
      for (const type of ["event", "transaction", "session", "sessions", "attachment", "user_report", "feedback", "profile", "profile_chunk", "replay_event", "replay_recording", "client_report", "check_in", "span", "statsd", "log", "trace_metric", "raw_security", text]) {
        const envelope = envelopeOf(type, type === "replay_recording" ? `{"segment_id":0}\n[{"type":5,"timestamp":1795553560000,"data":{"tag":"${text}","payload":{"text":"${text}"}}}]` : { ...eventOf(text), items: [{ name: text, attributes: { [text]: { value: text } } }] }, { filename: text, sdk: { name: text, version: text }, dsn: text, trace: { transaction: text }, [text]: text });
        void client.sendEnvelope(envelope);
        await client.getTransport().send(envelope);
      }
    }
  },
  "integrations": (texts, { Sentry }) => {
    texts.forEach((text) => Sentry.addIntegration({ name: text, processEvent: (event) => ({ ...event, extra: { [text]: text } }) }));
    Sentry.addIntegration(Sentry.captureConsoleIntegration());
    Sentry.addIntegration(Sentry.extraErrorDataIntegration());
    Sentry.addIntegration(Sentry.contextLinesIntegration());
    Sentry.addIntegration(Sentry.featureFlagsIntegration());
    Sentry.addIntegration(Sentry.reportingObserverIntegration());
    texts.forEach((text) => { Sentry.getClient().getIntegrationByName("FeatureFlags")?.addFeatureFlag(text, true); console.error(text); thrown(Sentry, text); });
  },
  "debug ids and metadata": (texts, { Sentry }) =>
    texts.forEach((text) => {
      globalThis._sentryDebugIds = { [`Error\n    at ${text} (/assets/${text}.js:1:2)`]: text };
      globalThis._sentryModuleMetadata = { [`Error\n    at x (/assets/${text}.js:1:2)`]: { [text]: text } };
      thrown(Sentry, text);
    }),
  "the recording's own": async (texts, { Sentry }) => {
    const replay = Sentry.getReplay();
    for (const text of texts) {
      Sentry.addBreadcrumb({ category: "replay.mutations", message: text, data: { count: text } });
      replay?._replay?.eventBuffer?.addEvent?.({ type: 5, timestamp: Date.now(), data: { tag: text, payload: { text } } });
      replay?._replay?.eventBuffer?.addEvent?.({ type: 3, timestamp: Date.now(), data: { source: 8, adds: [{ rule: `.${text} {}` }] } });
      await replay?.flush();
    }
  },
  "further clients": async (texts, { Sentry }) => {
    for (const text of texts) {
      const client = new Sentry.BrowserClient({ dsn: dsn(), release: text, environment: text, transport: Sentry.makeFetchTransport, stackParser: Sentry.defaultStackParser, integrations: [], initialScope: { tags: { text } } });
      const scope = new Sentry.Scope();
      scope.setClient(client);
      client.init();
      scope.setTag(text, text);
      scope.captureException(new Error(text));
      scope.captureMessage(text);
      client.captureEvent(eventOf(text), {}, scope);
      await client.flush(1000);
    }
  },
  "transports": async (texts, { Sentry }) => {
    for (const text of texts) {
      for (const transport of [
        Sentry.makeBrowserOfflineTransport(Sentry.makeFetchTransport),
        Sentry.makeMultiplexedTransport(Sentry.makeFetchTransport, () => [dsn()]),
        (options) => Sentry.createTransport(options, (request) => fetch(options.url, { method: "POST", body: request.body }).then(() => ({}))),
        () => ({ send: (envelope) => fetch(`${dsn().replace(/\/\/.*@/, "//").replace(/\/\d+$/, "")}/api/1/envelope/`, { method: "POST", body: JSON.stringify(envelope) }).then(() => ({})), flush: () => Promise.resolve(true) }),
      ]) {
        const client = new Sentry.BrowserClient({ dsn: dsn(), transport, stackParser: Sentry.defaultStackParser, integrations: [] });
        client.init();
        client.captureEvent(eventOf(text));
        await client.flush(500);
      }
    }
  },
  // Last: from here on the page's client is another one.
  "Sentry started again": async (texts, { Sentry }) => {
    for (const text of texts) {
      Sentry.init({
        dsn: dsn(), release: text, environment: text, dist: text, enableLogs: true, tracesSampleRate: 1, initialScope: { tags: { [text]: text }, user: { username: text } }, sendClientReports: true,
        integrations: [Sentry.feedbackIntegration?.({ autoInject: false }), Sentry.spotlightBrowserIntegration?.()].filter(Boolean),
        beforeSend: (event) => ({ ...event, extra: { text } }), beforeSendTransaction: (event) => ({ ...event, transaction: text }),
      });
      thrown(Sentry, text);
      Sentry.logger?.error(text);
      Sentry.captureFeedback({ message: text });
      Sentry.startSpan({ name: text, forceTransaction: true }, () => undefined);
      await Sentry.flush(500);
    }
  },
};
