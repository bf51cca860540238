/** Places of the network, of storage and of measurements. */

import { encoded, quiet } from "./doing.js";

export const places = {
  "paths of requests": (texts) => Promise.all(texts.map((text) => quiet(fetch(`/api/v1/clients/${encoded(text)}/${encoded(text)}`)))),
  "queries of requests": (texts) => Promise.all(texts.map((text) => quiet(fetch(`/api/v1/clients?${encoded(text)}=${encoded(text)}#${encoded(text)}`)))),
  "bodies of requests": (texts) =>
    Promise.all(texts.map((text) => quiet(fetch("/api/v1/clients", { method: "POST", body: JSON.stringify({ text }), headers: { "x-name": encoded(text), "content-type": "application/json" } })))),
  "methods of requests": (texts) => Promise.all(texts.map((text) => quiet(fetch("/api/v1/clients", { method: text.replace(/[^A-Za-z0-9]/g, "") || "X" })))),
  "hosts of requests": (texts) => Promise.all(texts.map((text) => quiet(fetch(`http://${text.toLowerCase().replace(/[^a-z0-9]+/g, "-") || "x"}.localhost:9/x`)))),
  "objects as requests": (texts) => Promise.all(texts.map((text) => quiet(fetch(new Request(`/api/${encoded(text)}`, { referrer: `/${encoded(text)}` }))))),
  "older requests": (texts) =>
    Promise.all(
      texts.map(
        (text) =>
          new Promise((done) => {
            const request = new XMLHttpRequest();
            request.onloadend = done;
            request.open("POST", `/api/v1/clients/${encoded(text)}?q=${encoded(text)}`);
            request.setRequestHeader("x-name", encoded(text));
            request.send(text);
          }),
      ),
    ),
  "sockets": (texts) =>
    texts.forEach((text) => {
      new WebSocket(`ws://${location.host}/${encoded(text)}?q=${encoded(text)}`).onerror = (event) => void Promise.reject(event);
      new EventSource(`/events/${encoded(text)}`).onerror = (event) => { event.target.close(); };
    }),
  "beacons": (texts) => texts.forEach((text) => navigator.sendBeacon(`/api/beacon/${encoded(text)}`, text)),
  "dynamic imports": (texts) => texts.forEach((text) => void import(/* @vite-ignore */ `/assets/${encoded(text)}.js`)),
  "loaded scripts and styles": (texts) =>
    texts.forEach((text) => {
      document.head.append(Object.assign(document.createElement("script"), { src: `/assets/${encoded(text)}.js` }));
      document.head.append(Object.assign(document.createElement("link"), { rel: "stylesheet", href: `/assets/${encoded(text)}.css` }));
    }),
  "storage": (texts) =>
    texts.forEach((text) => {
      localStorage.setItem(text, text);
      sessionStorage.setItem(text, text);
      document.cookie = `name=${encoded(text)}`;
      indexedDB.open(text);
      void caches.open(text);
    }),
  "the browser's names": (texts) =>
    texts.forEach((text) => {
      window.name = text;
      Object.defineProperty(navigator, "userAgent", { value: text, configurable: true });
      Object.defineProperty(navigator, "language", { value: text, configurable: true });
      Object.defineProperty(document, "referrer", { value: `http://x/${text}`, configurable: true });
      Object.defineProperty(navigator, "connection", { value: { effectiveType: text, type: text }, configurable: true });
    }),
  "marks and measures": (texts) =>
    texts.forEach((text) => {
      performance.mark(text, { detail: { text } });
      performance.measure(text, { start: 0, detail: { [text]: text } });
    }),
};
