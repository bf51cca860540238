/** Places of a React application: what its components hold, and what React says of those that fail. */
import { Component, createElement, createContext, lazy, Profiler, Suspense, useEffect, useState } from "react";
import { createPortal, flushSync } from "react-dom";
import { createRoot } from "react-dom/client";
import { errorHandlers } from "@pazpaz/otel-browser/react";
import { encoded, settled, slug, thrown } from "./doing.js";

const rendered = async (element, options = {}) => {
  const root = document.createElement("section");
  document.body.append(root);
  createRoot(root, { ...errorHandlers, ...options }).render(element);
  await settled();
  return root;
};

const inTurn = async (texts, task) => {
  for (const text of texts) await task(text);
};

const named = (name, component) => Object.assign(Object.defineProperty(component, "name", { value: name }), { displayName: name });

class Boundary extends Component {
  state = { failed: false };
  static getDerivedStateFromError = () => ({ failed: true });
  componentDidCatch(error, info) {
    console.error(error, info.componentStack);
  }
  render() {
    return this.state.failed ? createElement("p", null, this.props.name) : this.props.children;
  }
}

export const places = {
  "components that fail": (texts) => inTurn(texts, (text) => rendered(createElement(named(text, () => thrown(new Error(text, { cause: text }))), { name: text }))),
  "boundaries": (texts) => inTurn(texts, (text) => rendered(createElement(Boundary, { name: text }, createElement(named(text, () => thrown(Object.assign(new Error("x"), { [text]: text, name: text }))))))),
  "effects and states": (texts) =>
    inTurn(texts, (text) =>
      rendered(createElement(named(text, () => {
        const [state] = useState({ [text]: text });
        useEffect(() => thrown(new Error(state[text])));
        return createElement("p", { title: text, className: slug(text), style: { [`--${slug(text)}`]: text }, key: text, "data-name": text, dangerouslySetInnerHTML: { __html: encoded(text) } });
      })))),
  "handlers of events": (texts) =>
    inTurn(texts, async (text) => {
      const root = await rendered(createElement("button", { id: text, "aria-label": text, onClick: Object.defineProperty(() => thrown(new Error(text)), "name", { value: text }) }, text));
      root.querySelector("button").click();
    }),
  "keys and contexts": (texts) => inTurn(texts, (text) => { const Context = Object.assign(createContext(text), { displayName: text }); return rendered(createElement(Context.Provider, { value: { text } }, [text, text].map((key) => createElement("li", { key, [text]: text }, text)))); }),
  "lazy components": (texts) => inTurn(texts, (text) => rendered(createElement(Suspense, { fallback: text }, createElement(lazy(() => Promise.reject(new Error(text))))))),
  "portals and profiles": (texts) => inTurn(texts, (text) => rendered(createElement(Profiler, { id: text, onRender: () => thrown(new Error(text)) }, createPortal(createElement("i", { title: text }, text), document.body, text)))),
  "what can't be rendered": (texts) => inTurn(texts, async (text) => { await rendered(createElement("div", null, { [text]: text })); await rendered(createElement(text)); await rendered(createElement("p", { style: text })); }),
  "reports of roots": (texts) => inTurn(texts, (text) => rendered(createElement(named(text, () => thrown(text))), { identifierPrefix: text, onUncaughtError: (error, { componentStack }) => { errorHandlers.onUncaughtError(Object.assign(new Error(componentStack), { error, componentStack }), { componentStack: `\n    at ${text}` }); } })),
  "what is done at once": (texts) => inTurn(texts, async (text) => { const root = createRoot(document.createElement("p"), errorHandlers); try { flushSync(() => { root.render(createElement(named(text, () => thrown(new Error(text))))); }); } catch (error) { void Promise.reject(error); } }),
};
