import { initSentry } from "@pazpaz/otel-browser";
import * as Sentry from "@sentry/vue";
import { createApp, h } from "vue";
import { createRouter, createWebHistory, RouterView } from "vue-router";
import { places as application } from "./places/application.js";
import { places as document } from "./places/document.js";
import { places as errors } from "./places/errors.js";
import { places as network } from "./places/network.js";
import { places as sdk } from "./places/sdk.js";
import "./style.css";
import QuestionPage from "./QuestionPage.vue";

const Page = { name: "Page", render: () => h("main", { class: "page" }, [h("div", { id: "plants", class: "card" })]) };
const router = createRouter({
  history: createWebHistory(),
  routes: [
    { path: "/", component: Page },
    { path: "/choices", component: QuestionPage },
    { path: "/clients/:id", component: Page },
    { path: "/rooms/:id(\\d+)", component: Page },
    { path: "/:rest(.*)*", component: Page },
  ],
});
const app = createApp({ render: () => h("div", [h(RouterView)]) });
app.use(router);
initSentry(app, router, { replay: { sessionSampleRate: 1 }, tracesSampleRate: 1 });
await router.isReady();
app.mount("#app");

const places = { ...application, ...document, ...errors, ...network, ...sdk };
const tools = { Sentry, app, router, root: () => globalThis.document.querySelector("#plants") };

/** Puts the texts into one kind of place, then has an error and a transaction sent that say what the page knows. */
async function attack(kind, texts) {
  await places[kind](texts, tools);
  await new Promise((done) => setTimeout(done, 5));
  Sentry.startSpan({ name: "after", forceTransaction: true }, () => Sentry.captureException(new Error("After the plants")));
  await Sentry.flush(2000);
}

/** Lets go of the recording. */
const finish = async () => {
  await Sentry.getReplay()?.flush();
  await Sentry.flush(2000);
};

/** Records from the beginning, after an error that has the breadcrumbs of what was done. */
const again = async () => {
  Sentry.captureException(new Error("After the plants"));
  await Sentry.getReplay().stop();
  Sentry.getReplay().start();
};

Object.assign(globalThis, { again, attack, finish, kinds: Object.keys(places) });
