/** Places of errors: what is thrown, rejected, logged or named. */

import { each, identifier, later, thrown } from "./doing.js";

export const places = {
  "messages": (texts) => each(texts, (text) => thrown(new Error(text))),
  "messages around a proven one": (texts) => each(texts, (text) => thrown(new Error(`After the plants ${text}`))),
  "messages like an engine's": (texts) =>
    each(texts, (text) => thrown(new TypeError(`Cannot read properties of undefined (reading '${text}')`))),
  "messages of the engine": (texts) => each(texts, (text) => JSON.parse(`{"name": ${text}}`)),
  "properties that aren't there": (texts) => each(texts, (text) => undefined[text]),
  "errors' names": (texts) => each(texts, (text) => thrown(Object.assign(new Error("x"), { name: text }))),
  "classes of errors": (texts) => each(texts, (text) => thrown(new ({ [text]: class extends Error {} })[text](text))),
  "constructors' names": (texts) =>
    each(texts, (text) => {
      class Named extends Error {}
      Object.defineProperty(Named, "name", { value: text });
      throw new Named(text);
    }),
  "causes": (texts) => each(texts, (text) => thrown(new Error("x", { cause: new Error(text, { cause: text }) }))),
  "members of groups": (texts) => each(texts, (text) => thrown(new AggregateError([new Error(text), text], text))),
  "thrown texts and objects": (texts) =>
    each(texts, (text) => {
      later(() => thrown(text));
      later(() => thrown([text]));
      throw { [text]: text, message: text, name: text };
    }),
  "properties of errors": (texts) =>
    each(texts, (text) => thrown(Object.assign(new Error("x"), { code: text, [text]: text, response: { data: text }, requestId: text, fileName: text, lineNumber: text }))),
  "names of functions": (texts) => each(texts, (text) => ({ [text]: () => thrown(new Error("x")) })[text]()),
  "stacks": (texts) =>
    each(texts, (text) => thrown(Object.assign(new Error("x"), { stack: `Error: x\n    at ${identifier(text)} (${location.origin}/assets/${encodeURIComponent(text)}.js:1:2)\n    at ${text} (${text}:3:4)` }))),
  "lines like frames": (texts) => each(texts, (text) => thrown(new Error(`x\n    at ${identifier(text)} (/assets/${identifier(text)}.js:1:2)`))),
  "evaluated sources": (texts) =>
    each(texts, (text) => new Function(`/* ${text} */ throw new Error(${JSON.stringify(text)})\n//# sourceURL=/assets/${encodeURIComponent(text)}.js`)()),
  "events of errors": (texts) =>
    each(texts, (text) => dispatchEvent(new ErrorEvent("error", { message: text, filename: `${location.origin}/assets/${text}.js`, lineno: 1, colno: 2, error: text }))),
  "rejections": (texts) =>
    each(texts, (text) => {
      void Promise.reject(text);
      void Promise.reject({ [text]: text, message: text });
      void Promise.reject(new Error(text));
    }),
  "events of rejections": (texts) =>
    each(texts, (text) => dispatchEvent(new PromiseRejectionEvent("unhandledrejection", { promise: Promise.resolve(), reason: { detail: { reason: text }, [text]: text } }))),
  "errors of the platform": (texts) =>
    each(texts, (text) => {
      later(() => thrown(new DOMException(text, text)));
      later(() => document.querySelector(`[${text}`));
      later(() => structuredClone({ f: () => text, [text]: text }));
      return new URL(`http://[${text}`);
    }),
  "errors that print themselves": (texts) => each(texts, (text) => thrown({ toString: () => text, toJSON: () => ({ text }), get stack() { return text; } })),
  "numbers and symbols": (texts) => each(texts, (text) => thrown(Symbol(text))),
  "console": (texts) =>
    texts.forEach((text) => {
      console.log(text, { [text]: text });
      console.warn("%s said %o", text, text);
      console.error(new Error(text), text);
      console.assert(false, text);
      console.info(["After the plants", text]);
      console.debug(`After the plants ${text}`);
    }),
  "names of listeners": (texts) =>
    each(texts, (text) => {
      const target = Object.assign(document.createElement("button"), { id: text, className: text });
      document.body.append(target);
      target.addEventListener(text, { [text]: () => thrown(new Error(text)) }[text]);
      target.dispatchEvent(new CustomEvent(text));
    }),
  "names of timers": (texts) => each(texts, (text) => setTimeout(Object.defineProperty(() => thrown(new Error(text)), "name", { value: text }), 1)),
  "workers": (texts) =>
    each(texts, (text) => {
      const address = URL.createObjectURL(new Blob([`throw new Error(${JSON.stringify(text)}) //# sourceURL=${encodeURIComponent(text)}.js`]));
      new Worker(address, { name: text }).onerror = (event) => void Promise.reject(event);
      return new Worker(`/assets/${encodeURIComponent(text)}.js`);
    }),
  "messages between windows": (texts) =>
    each(texts, (text) => {
      postMessage({ text, [text]: text }, "*");
      new BroadcastChannel(text).postMessage(text);
      postMessage({ [text]: () => text }, "*");
    }),
};
