/** Further interfaces that quote what they refuse, and further ways of Sentry's own to hold data. */
import { click, create, each, encoded, identifier, later, put, quiet, refused, settled, slug, thrown } from "./doing.js";

const fail = (Sentry, text) => Sentry.startSpan({ name: "x", forceTransaction: true }, () => Sentry.captureException(new Error(text)));

/** A client as supabase-js makes it, whose answers are refusals. */
const supabase = (text) => {
  class Builder {
    method = "GET";
    headers = { "x-client-info": text };
    url = new URL(`http://127.0.0.1:9/rest/v1/${encoded(text)}?name=eq.${encoded(text)}`);
    body = { [text]: text };
    select() { return this; }
    insert() { return this; }
    then(done) { return Promise.resolve({ status: 400, error: { message: text, code: text, details: { [text]: text } } }).then(done); }
  }
  class Queries {
    select() { return new Builder(); }
    insert() { return new Builder(); }
    upsert() { return new Builder(); }
    update() { return new Builder(); }
    delete() { return new Builder(); }
  }
  class Client {
    auth = new Proxy({}, { get: (auth, name) => (auth[name] ??= name === "admin" ? new Proxy({}, { get: (admin, inner) => (admin[inner] ??= () => Promise.resolve({ error: { message: text } })) }) : () => Promise.resolve({ error: { message: text } })) });
    from() { return new Queries(); }
  }
  return new Client();
};

export const places = {
  "refused connections": (texts) =>
    texts.forEach((text) => {
      later(() => new RTCPeerConnection({ iceServers: [{ urls: text, username: text, credential: text }] }));
      later(() => new WebTransport(`https://[${text}`));
      refused(() => new RTCPeerConnection().setRemoteDescription({ type: "offer", sdp: text }));
      refused(() => new RTCPeerConnection().addIceCandidate({ candidate: text, sdpMid: text }));
      later(() => new PaymentRequest([{ supportedMethods: text }], { total: { label: text, amount: { currency: text, value: text } } }));
      later(() => new WebSocket("ws://127.0.0.1:9/").close(1, text));
      later(() => window.open(`http://[${text}`, text, text));
    }),
  "refused media": (texts) =>
    texts.forEach((text) => {
      later(() => new MediaRecorder(new MediaStream(), { mimeType: text }));
      later(() => new AudioContext({ latencyHint: text }));
      later(() => new MediaSource().addSourceBuffer(text));
      refused(() => new VideoDecoder({ output: () => undefined, error: thrown }).configure({ codec: text }));
      refused(() => navigator.requestMediaKeySystemAccess(text, [{ label: text }]));
      refused(() => {
        const context = new AudioContext();
        // A context that is left plays silence, which costs CPU to the end.
        return context.audioWorklet.addModule(`/${encoded(text)}.js`).finally(() => context.close());
      });
      later(() => new ImageData(text, text));
    }),
  "refused elements": (texts, tools) =>
    texts.forEach((text) => {
      const element = create("input");
      put(tools, element);
      later(() => element.setSelectionRange(text, 0, text));
      later(() => document.body.attachShadow({ mode: text }));
      later(() => element.setAttribute(text + " ", text));
      later(() => document.createElementNS(text, `a:${text}:b`));
      later(() => document.body.insertBefore(element, create("i", { title: text })));
      later(() => document.body.removeChild(create("i", { title: text })));
      later(() => document.evaluate(`//${text}[`, document));
      later(() => new Range().setStart(document.createTextNode(text), text.length + 1));
      later(() => document.createTextNode(text).splitText(text.length + 1));
      later(() => new IntersectionObserver(() => undefined, { rootMargin: text }));
      later(() => element.attachInternals());
      later(() => document.createEvent(text));
      later(() => element.animate({ [text]: text }, { easing: text, composite: text }));
      later(() => new CSSStyleSheet().insertRule(`${text} {`));
      later(() => CSSStyleValue.parse("color", text));
      later(() => trustedTypes.createPolicy(text, {}).createHTML(text));
      later(() => document.implementation.createDocumentType(text + " ", text, text));
      later(() => new DOMMatrix(text));
      later(() => element.showPicker());
    }),
  "refused keys": (texts) =>
    texts.forEach((text) => {
      refused(() => crypto.subtle.importKey(text, new TextEncoder().encode(text), text, true, [text]));
      refused(() => crypto.subtle.digest(text, new Uint8Array(1)));
      refused(() => crypto.subtle.generateKey({ name: "ECDSA", namedCurve: text }, true, ["sign"]));
      refused(() => cookieStore.set(text, `${text};`));
      refused(() => cookieStore.get({ url: `http://${slug(text)}.example/` }));
      later(() => crypto.getRandomValues(text));
    }),
  "refused code": (texts) =>
    texts.forEach((text) => {
      refused(() => WebAssembly.compile(new TextEncoder().encode(text)));
      refused(() => WebAssembly.instantiateStreaming(new Response(text, { headers: { "content-type": "application/wasm" } })));
      later(() => new WebAssembly.Memory({ initial: text }));
      later(() => new Worker("/x.js", { type: text }));
      later(() => new WebAssembly.Exception(text));
      refused(() => scheduler.postTask(() => thrown(new Error(text)), { priority: text }));
      later(() => new Function(`"${text}`));
      later(() => new Intl.Segmenter("en", { granularity: text }));
      later(() => new Intl.PluralRules("en", { type: text }));
      later(() => Array.from({ length: -1 }).at.call(text).x);
      later(() => new Array(text.length + 0.5));
      later(() => text.padStart(2 ** 31));
      later(() => [text].reduce.call([], text));
      later(() => new Set([text]).union(text));
      later(() => Atomics.wait(text));
      later(() => structuredClone({ [text]: Symbol(text) }));
      later(() => Object.groupBy(text, text));
      later(() => new Date(text).toLocaleString(text));
      later(() => new Proxy({}, { ownKeys: () => [text, text] })[Symbol.iterator]());
      later(() => Reflect.ownKeys(new Proxy({}, { ownKeys: () => [text, text] })));
      later(() => { const { [text]: { x } } = { [text]: null }; return x; });
      later(() => { class Base { constructor() { return text; } } return new (class extends Base { constructor() { super()[text](); } })(); });
      later(() => { for (const [one] of [text, 5]) one(); });
      later(() => new (class { get [text]() { return thrown(new Error(text)); } })()[text]);
      later(() => null ?? undefined?.[text]?.() ?? window[text]());
      later(() => window[text][text]);
      later(() => { const table = new Map([[text, undefined]]); return table.get(text)[text]; });
    }),
  "pictures between pages": (texts) =>
    texts.forEach((text) => {
      refused(() => document.startViewTransition(() => thrown(new Error(text))).finished);
      refused(() => document.startViewTransition({ update: () => undefined, types: [slug(text)] }).ready);
    }),
  "windows in windows": (texts) =>
    each(texts, (text) => {
      const frame = create("iframe", { srcdoc: `<script>parent.dispatchEvent(new ErrorEvent("error", { error: new Error(${JSON.stringify(text).replaceAll("<", "\\u003c")}) })); parent.setTimeout(() => { throw ${JSON.stringify(text).replaceAll("<", "\\u003c")}; })</script>`, name: text });
      document.body.append(frame);
      frame.contentWindow.onerror = () => thrown(text);
    }),
  "what Sentry's clients of databases note": async (texts, { Sentry }) => {
    for (const text of texts) {
      const client = supabase(text);
      Sentry.instrumentSupabaseClient(client);
      await Sentry.startSpan({ name: "x", forceTransaction: true }, async () => {
        await client.from(text).select(text);
        await client.from(text).insert({ [text]: text });
        await client.auth.signInWithPassword({ email: text, password: text });
      });
      Sentry.captureException(new Error("After the plants"));
    }
  },
  "spans of assistants": (texts, { Sentry }) =>
    texts.forEach((text) => {
      Sentry.setConversationId(text);
      Sentry.startSpan({ name: `chat ${text}`, op: "gen_ai.chat", forceTransaction: true, attributes: { "gen_ai.request.messages": text, "gen_ai.response.text": text, "gen_ai.request.model": text, "gen_ai.system": text, "gen_ai.tool.name": text, "gen_ai.conversation.id": text, "sentry.origin": "auto.ai.openai", "gen_ai.usage.input_tokens": 5 } }, () => undefined);
      fail(Sentry, text);
    }),
  "recorded canvases": async (texts, { Sentry, root }) => {
    const canvases = Sentry.replayCanvasIntegration({ enableManualSnapshot: true });
    Sentry.addIntegration(canvases);
    for (const text of texts) {
      const canvas = create("canvas", { title: text });
      root().append(canvas);
      canvas.getContext("2d").fillText(text, 0, 10);
      void quiet(Promise.resolve().then(() => canvases.snapshot(canvas)));
    }
    await settled();
    void Sentry.getReplay()?.flush();
  },
  "forms of feedback": async (texts, { Sentry }) => {
    const feedback = Sentry.feedbackIntegration({ autoInject: false, formTitle: texts[0], isNameRequired: false });
    Sentry.addIntegration(feedback);
    for (const text of texts) {
      const form = await feedback.createForm({ formTitle: text, messagePlaceholder: text, tags: { [text]: text } }).catch(() => undefined);
      form?.appendToDom();
      form?.open();
      await settled();
      form?.removeFromDom();
      await quiet(Promise.race([Promise.resolve().then(() => Sentry.sendFeedback({ name: text, email: text, message: text, tags: { [text]: text } }, { attachments: [{ filename: text, data: text }] })), settled()]));
    }
  },
  "further flags": (texts, { Sentry }) => {
    const client = { on: (_name, told) => texts.forEach((text) => told({ gate: { name: text }, [text]: text })), isEnabled: () => true, isOn: () => true, getFeatureValue: () => true };
    class Unleash { isEnabled() { return true; } }
    class GrowthBook { isOn() { return true; } getFeatureValue() { return true; } }
    for (const make of [() => Sentry.statsigIntegration({ featureFlagClient: client }), () => Sentry.unleashIntegration({ featureFlagClientClass: Unleash }), () => Sentry.growthbookIntegration({ growthbookClass: GrowthBook })]) later(() => Sentry.addIntegration(make()));
    texts.forEach((text) => { new Unleash().isEnabled(text); new GrowthBook().isOn(text); fail(Sentry, text); });
    return settled();
  },
  "what the carrier holds": (texts, { Sentry }) => {
    for (const text of texts) {
      Sentry.getGlobalScope().setExtra(text, text).setTag(text, text).setContext(identifier(text), { [text]: text }).setSDKProcessingMetadata({ [text]: text, normalizedRequest: { url: text, cookies: text } });
      Sentry.getIsolationScope().setUser({ [text]: text }).addAttachment({ filename: text, data: text });
      Sentry.getCurrentScope().setPropagationContext({ traceId: "0123456789abcdef0123456789abcdef", sampleRand: 0.5, dsc: { trace_id: text, public_key: text, transaction: text, [text]: text } });
      fail(Sentry, text);
      Sentry.lastEventId();
    }
  },
  "words of the answers": (texts, tools) =>
    each(texts, (text) => {
      const chip = create("button", { "aria-pressed": "true", "aria-description": text, popovertarget: text }, create("i", { part: text }), text);
      put(tools, create("search", { title: text }, chip, create("menu", {}, create("li", { value: text }, text))), create("hgroup", { "data-x": text }, create("h2", {}, text)), create("portal", { title: text }), create("selectedcontent", {}, text), create("fencedframe", { title: text }));
      click(chip);
    }),
};
