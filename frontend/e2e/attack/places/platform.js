/** Places of the platform: what its own interfaces are given, and say when they refuse it. */
import { click, create, each, encoded, identifier, later, put, quiet, refused, settled, slug, thrown } from "./doing.js";

const failing = (text) => () => thrown(new Error(text));

const scriptOf = (source, type = "text/javascript") => URL.createObjectURL(new Blob([source], { type }));

const store = (name) =>
  new Promise((done) => {
    const opening = indexedDB.open(`attack-${name}`, 1);
    opening.onupgradeneeded = () => opening.result.createObjectStore("rows", { keyPath: "key" });
    opening.onsuccess = () => { done(opening.result); };
  });

/** A frame of the page's own origin, with a world of its own. */
const frame = () => {
  const made = create("iframe");
  document.body.append(made);
  return made.contentWindow;
};

export const places = {
  "errors of another world": (texts) =>
    each(texts, (text) => {
      const other = frame();
      later(() => thrown(new other.Error(text)));
      later(() => thrown(new other.DOMException(text, text)));
      void Promise.reject(new other.TypeError(text));
      other.setTimeout(`throw new Error(${JSON.stringify(text)})`);
    }),
  "spoken texts and notes": (texts) =>
    each(texts, (text) => {
      speechSynthesis.speak(Object.assign(new SpeechSynthesisUtterance(text), { onerror: (event) => void Promise.reject(event) }));
      refused(() => navigator.share({ title: text, text, url: `/${encoded(text)}` }));
      return new Notification(text, { body: text, tag: text, silent: true, vibrate: [1] });
    }),
  "shared workers": (texts) =>
    texts.forEach((text) => {
      const worker = new SharedWorker(scriptOf(`throw new Error(${JSON.stringify(text)})`), { name: text });
      worker.onerror = (event) => void Promise.reject(event);
      worker.port.postMessage(text);
    }),
  "workers that report": (texts, { Sentry }) => {
    for (const text of texts) {
      const report = { reason: text, message: text, kind: "error", filename: `/assets/${encoded(text)}.js`, url: `/${encoded(text)}`, lineno: 1, colno: 2 };
      const worker = new Worker(scriptOf(`postMessage({ _sentryMessage: true, _sentryDebugIds: { ${JSON.stringify(text)}: ${JSON.stringify(text)} }, _sentryModuleMetadata: { ${JSON.stringify(text)}: { a: ${JSON.stringify(text)} } } }); postMessage({ _sentryMessage: true, _sentryWorkerError: ${JSON.stringify(report)} })`));
      Sentry.addIntegration(Sentry.webWorkerIntegration({ worker }));
    }
    return settled();
  },
  "channels": (texts) =>
    each(texts, (text) => {
      const { port1, port2 } = new MessageChannel();
      port1.onmessage = ({ data }) => thrown(data);
      port2.postMessage(new Error(text, { cause: text }));
      port2.postMessage({ [text]: document });
    }),
  "locks": (texts) => texts.forEach((text) => refused(() => navigator.locks.request(text, () => thrown(new Error(text))))),
  "indexed databases": async (texts) => {
    const database = await store("rows");
    await each(texts, (text) => {
      later(() => database.transaction(text));
      later(() => database.transaction("rows").objectStore("rows").index(text));
      later(() => database.transaction("rows", text));
      const adding = database.transaction("rows", "readwrite").objectStore("rows");
      adding.add({ key: text, [text]: text });
      adding.add({ key: text }).onerror = (event) => void Promise.reject(event.target.error);
      indexedDB.cmp({ [text]: text }, text);
    });
  },
  "storage that is full": (texts) => each(texts, (text) => { localStorage.setItem(text, text.padEnd(9_000_000, "x")); }),
  "caches of answers": (texts) => texts.forEach((text) => { refused(() => caches.open(text).then((cache) => cache.add(`/api/${encoded(text)}`))); refused(() => caches.match(`http://[${text}`)); }),
  "files of the origin": (texts) => texts.forEach((text) => refused(() => navigator.storage.getDirectory().then((folder) => folder.getFileHandle(text)))),
  "workers of the site": (texts) => texts.forEach((text) => { refused(() => navigator.serviceWorker.register(`/${encoded(text)}.js`, { scope: `/${encoded(text)}/` })); refused(() => navigator.serviceWorker.register(`http://${text}`)); }),
  "permissions and devices": (texts) =>
    texts.forEach((text) => {
      refused(() => navigator.permissions.query({ name: text }));
      refused(() => navigator.credentials.get({ publicKey: { rpId: text, challenge: new Uint8Array(1) } }));
      refused(() => navigator.mediaDevices.getUserMedia({ video: { deviceId: { exact: text } } }));
      refused(() => navigator.registerProtocolHandler(text, text));
    }),
  "reports of the browser": (texts, { Sentry }) => {
    Sentry.addIntegration(Sentry.reportingObserverIntegration());
    return each(texts, (text) => {
      document.dispatchEvent(new SecurityPolicyViolationEvent("securitypolicyviolation", { documentURI: `http://x/${encoded(text)}`, blockedURI: text, sample: text, sourceFile: text, violatedDirective: text, effectiveDirective: text, originalPolicy: text, disposition: "report", statusCode: 200 }));
      document.createElement("script").src = `javascript:${encoded(text)}`;
    });
  },
  "the base of addresses": async (texts) => {
    for (const text of texts) {
      const base = create("base", { href: `/${encoded(text)}/` });
      document.head.append(base);
      await quiet(fetch("api/v1/clients"));
      click(document.body);
      base.remove();
    }
  },
  "navigations by the browser": async (texts) => {
    for (const text of texts) {
      const { committed, finished } = navigation.navigate(`#/${encoded(text)}`, { state: { [text]: text }, info: text, history: "replace" });
      await Promise.all([quiet(committed), quiet(finished)]);
    }
    history.replaceState({}, "", "/");
  },
  "links within the page": async (texts, tools) => {
    for (const text of texts) {
      const link = create("a", { href: `#${encoded(text)}`, id: text }, text);
      put(tools, link);
      link.click();
      await settled();
    }
    history.replaceState({}, "", "/");
  },
  "preloaded files": (texts) => texts.forEach((text) => document.head.append(create("link", { rel: "preload", as: "fetch", href: `/api/${encoded(text)}` }), create("link", { rel: "prefetch", href: `/${encoded(text)}.js`, as: "script" }), create("link", { rel: "modulepreload", href: `/assets/${encoded(text)}.js` }), create("script", { type: "speculationrules" }, JSON.stringify({ prefetch: [{ urls: [`/${encoded(text)}`] }] })))),
  "long tasks": (texts) =>
    each(texts, (text) => {
      const busy = { [text]: () => { for (const end = performance.now() + 60; performance.now() < end;); } }[text];
      setTimeout(Object.defineProperty(busy, "name", { value: text }), 0);
      return create("iframe", { name: text, id: text });
    }),
  "streams": (texts) =>
    texts.forEach((text) => {
      refused(() => new Response(new ReadableStream({ start: (stream) => { stream.error(new Error(text, { cause: text })); } })).text());
      refused(() => new ReadableStream({ pull: () => thrown(text) }).getReader().read());
      refused(() => new WritableStream({ write: () => thrown(Object.assign(new Error(text), { chunk: text })) }).getWriter().write(text));
      refused(() => new Response(text).json());
      refused(() => new Blob([text]).stream().pipeThrough(new DecompressionStream("gzip")).getReader().read());
    }),
  "reasons of what is given up": (texts) =>
    texts.forEach((text) => {
      for (const reason of [text, new Error(text), { [text]: text }, new DOMException(text, text)]) {
        const stop = new AbortController();
        refused(() => fetch("/api/v1/clients", { signal: stop.signal }));
        stop.abort(reason);
      }
    }),
  "errors of a client of the API": (texts) =>
    each(texts, (text) => {
      const config = { url: `/api/v1/clients/${text}`, data: text, params: { [text]: text }, headers: { authorization: text } };
      const response = { data: { detail: text, errors: [text] }, statusText: text, headers: { location: text }, config };
      void Promise.reject(Object.assign(new Error(`Request failed with status code 404 ${text}`), { name: "AxiosError", code: "ERR_BAD_REQUEST", config, response, toJSON: () => ({ message: text, config }) }));
      void Promise.reject(Object.assign(new Error("Request failed with status code 404"), { name: "AxiosError", config, response, cause: response }));
      throw Object.assign(new Error(text), { name: `${text}Error`, title: text, detail: text, instance: text, errors: { [text]: [text] }, status: text, statusCode: text, extensions: { text } });
    }),
  "headers that aren't any": (texts) =>
    texts.forEach((text) => {
      refused(() => fetch("/api/v1/clients", { headers: { "x-name": `${text}\u05d0` } }));
      refused(() => fetch("/api/v1/clients", { headers: { [`${text} :`]: "x" } }));
      refused(() => new Headers({ [text]: "\u05d0" }));
      later(() => { const request = new XMLHttpRequest(); request.open("GET", "/api/v1/clients"); request.setRequestHeader(`${text} `, text); });
    }),
  "addresses that aren't any": (texts) =>
    texts.forEach((text) => {
      refused(() => fetch(`http://${encoded(text)}:x@localhost:9/`));
      refused(() => fetch(`${slug(text)}://x`));
      later(() => new XMLHttpRequest().open("GET", `http://[${text}`));
      later(() => new XMLHttpRequest().open(`${text} `, "/"));
      later(() => new WebSocket(`ws://x/#${text}`, `${text} `));
      later(() => new EventSource(`http://[${text}`));
      later(() => navigator.sendBeacon(`data:${text}`, text));
      later(() => history.pushState({}, "", `http://${slug(text)}.example/${encoded(text)}`));
      later(() => new URLPattern(`/:${text}(`));
      later(() => document.write.call(text));
      later(() => postMessage(text, `http://[${text}`));
    }),
  "names of languages and zones": (texts) =>
    texts.forEach((text) => {
      later(() => new Intl.NumberFormat(text));
      later(() => (1).toLocaleString("en", { style: "currency", currency: text }));
      later(() => new Intl.DateTimeFormat("en", { timeZone: text }));
      later(() => new Intl.DisplayNames("en", { type: text }));
      later(() => text.normalize(text));
      later(() => text.repeat(-text.length));
      later(() => new RegExp(`[${text}(`, text));
      later(() => decodeURIComponent(`%${text}`));
      later(() => BigInt(text));
      later(() => new Date(text).toISOString());
      later(() => new TextDecoder(text));
    }),
  "what the engine quotes": (texts) =>
    texts.forEach((text) => {
      const object = { [text]: undefined, [Symbol.toStringTag]: text };
      const frozen = Object.freeze({ [text]: text });
      const Named = { [text]: class { static #own = 1; static read(one) { return one.#own; } } }[text];
      for (const task of [
        () => object[text](), () => new object[text](), () => object[text].x, () => { object[text].x = text; }, () => text in text, () => { "use strict"; frozen[text] = 1; }, () => { "use strict"; delete frozen[text]; },
        () => Object.defineProperty(frozen, text, { value: 1 }), () => Object.defineProperty({}, text, { get: text }), () => Named(), () => Named.read(object), () => object instanceof text, () => `${Object.assign(Object.create(null), { [text]: text })}`,
        () => Symbol(text) + "", () => Reflect.construct(text), () => [...object], () => new Map([text]), () => JSON.stringify({ [text]: 1n }), () => { const cycle = { [text]: {} }; cycle[text][text] = cycle; JSON.stringify(cycle); },
        () => JSON.parse(text), () => structuredClone(Named), () => document.createElement(`${text} `), () => document.body.classList.add(`${text} `), () => document.body.setAttribute(`${text} `, text), () => document.querySelector(`${text} >`), () => document.body.insertAdjacentElement(text, document.body),
        () => new Proxy({}, { get: () => thrown(text) })[text], () => atob(`${text}\u05d0`), () => crypto.randomUUID.call(text), () => localStorage[Symbol(text)], () => performance.measure(text, text, text), () => getComputedStyle(text), () => new Function(text, `${text})`)(), () => CSS.registerProperty({ name: text }), () => import(/* @vite-ignore */ text),
      ]) later(task);
    }),
  "further calls of the console": (texts) =>
    texts.forEach((text) => {
      console.log("After the plants", text);
      console.table([{ [text]: text }], [text]);
      console.group(text);
      console.groupEnd();
      console.groupCollapsed(text, { text });
      console.groupEnd();
      console.time(text);
      console.timeLog(text, text);
      console.timeEnd(text);
      console.count(text);
      console.countReset(`${text} x`);
      console.dir({ [text]: text });
      console.dirxml(document.body);
      console.trace(text);
      console.log(`%c${text}`, `color: ${text}`);
      console.error("%s", text, new Error("x", { cause: text }), new Map([[text, text]]));
      console.assert(text === "", "After the plants", text);
    }),
  "reported errors": (texts) =>
    texts.forEach((text) => {
      reportError(new Error(text));
      reportError(text);
      reportError(new AggregateError([new Error(text, { cause: { [text]: text } })], "x", { cause: new DOMException(text, text) }));
    }),
  "rejections of every kind": (texts) =>
    texts.forEach((text) => {
      const named = new ({ [text]: class {} })[text]();
      for (const reason of [
        new DOMException(text, "AbortError"), new Event(text), new CustomEvent("x", { detail: { text, reason: new Error(text) } }), new Response(text, { statusText: "x", headers: { x: encoded(text) } }), new Headers({ x: encoded(text) }), new Map([[text, text]]), new Set([text]), named, () => text,
        Object.assign(Object.create(null), { [text]: text }), [text, [text]], new URL(`http://x/${encoded(text)}`), new Request(`/api/${encoded(text)}`), new File([text], text), Symbol(text), { error: { message: text, name: text, stack: `${text}\n at ${text} (/${text}:1:1)` } }, { detail: text, title: text }, document.createElement("p"), new PromiseRejectionEvent(text, { promise: Promise.resolve(), reason: text }),
      ]) void Promise.reject(reason);
    }),
  "callbacks of observers": async (texts, tools) => {
    for (const text of texts) {
      const fail = Object.defineProperty(failing(text), "name", { value: text });
      const element = create("div", { id: text }, text);
      put(tools, element);
      requestAnimationFrame(fail);
      requestIdleCallback(fail, { timeout: 1 });
      queueMicrotask(fail);
      for (const observer of [new MutationObserver(fail), new ResizeObserver(fail), new IntersectionObserver(fail)]) observer.observe(element, { attributes: true });
      element.title = text;
      element.addEventListener("x", { handleEvent: fail });
      element.dispatchEvent(new Event("x"));
      await settled();
    }
  },
  "functions that go on": (texts) =>
    each(texts, (text) => {
      const { [text]: later } = { [text]: async function named() { await 0; throw new Error(text, { cause: { [text]: text } }); } };
      void later();
      void (async () => { for await (const one of (async function* () { yield text; throw new RangeError(text); })()) one.x = 1; })();
    }),
  "handlers in attributes": (texts, tools) =>
    texts.forEach((text) => {
      const button = create("button", { onclick: `throw new Error(${JSON.stringify(text)}) // ${encoded(text)}`, onfocus: text }, text);
      put(tools, button, create("script", {}, `throw new TypeError(${JSON.stringify(text)})\n//# sourceURL=/assets/${encoded(text)}.js`));
      click(button);
      setTimeout(`${JSON.stringify(text)}()`, 0);
      later(() => (0, eval)(`(function ${identifier(text)}() { throw new Error(${JSON.stringify(text)}) })()\n//# sourceURL=${encoded(text)}`));
    }),
  "modules made of text": (texts) =>
    texts.forEach((text) => {
      refused(() => import(/* @vite-ignore */ `data:text/javascript,throw new Error(${encoded(JSON.stringify(text))})`));
      refused(() => import(/* @vite-ignore */ scriptOf(`export const ${identifier(text)} = 1; ${identifier(text)}();`)));
      refused(() => import(/* @vite-ignore */ scriptOf(`import { ${identifier(text)} } from "data:text/javascript,";`)));
      refused(() => import(/* @vite-ignore */ `/api/${encoded(text)}.json`, { with: { type: "json" } }));
    }),
};
