import { initSentry } from "@pazpaz/otel-browser";
import * as Sentry from "@sentry/vue";
import { createApp, h } from "vue";
import { createRouter, createWebHistory } from "vue-router";
import App from "./App.vue";
import "./style.css";

/** Two applications on a page; what is done to them stands in the address, as no build knows it. */
const router = createRouter({ history: createWebHistory(), routes: [{ path: "/", component: App }, { path: "/visits/:id(\\d+)", component: App }] });
const app = createApp(App);
app.use(router);
initSentry(app, router, { replay: { sessionSampleRate: 1 }, tracesSampleRate: 1 });
app.mount("#app");

const other = createApp({ render: () => h("p", { id: "mounted" }, "Other") });
initSentry(other);
other.mount("#other");

const name = new URLSearchParams(location.search).get("name") ?? "";
const script = `${location.origin}/assets/${name}.js`;

function later(task: () => unknown): void {
  setTimeout(task, 0);
}

/** Names a person in the places that a program's own run can make. */
async function plant(): Promise<void> {
  router.addRoute({ path: `/clients/${name}`, component: App, name });
  await router.push(`/clients/${name}?x=${name}#${name}`);
  later(() => {
    throw new Error(`Something\n    at ${name} (${script}:1:2)`);
  });
  later(() => import(/* @vite-ignore */ `/assets/${name}.js`));
  later(() => dispatchEvent(new ErrorEvent("error", { message: name, filename: script, lineno: 1, colno: 2 })));
  document.styleSheets[0]?.insertRule(`.${name} { color: red; --${name}: 1 }`);
  const element = document.createElement("p");
  element.className = name;
  element.setAttribute("style", `--n: ${name}`);
  document.body.append(element);
  Sentry.setTag(name, name);
  Sentry.setUser({ id: name, email: name });
  Sentry.captureMessage(name);
  Sentry.captureFeedback({ message: name });
}

/** Starts Sentry once more, as if nothing stood before it. */
function startAgain(): void {
  Sentry.init({ dsn: document.querySelector("meta[name=sentry-dsn]")?.getAttribute("content") ?? "", tracesSampleRate: 1 });
  Sentry.captureException(new Error(name));
  Sentry.captureMessage(name);
  Sentry.captureFeedback({ message: name });
}

Object.assign(globalThis, { plant, startAgain });
