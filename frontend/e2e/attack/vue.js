/** The attacked application of Vue. */
import { initSentry } from "@pazpaz/otel-browser";
import * as Sentry from "@sentry/vue";
import { createApp, h } from "vue";
import { createRouter, createWebHistory, RouterView } from "vue-router";
import { places as application } from "./places/application.js";
import { places as components } from "./places/components.js";
import GesturePage from "./GesturePage.vue";
import LayoutPage from "./LayoutPage.vue";
import QuestionPage from "./QuestionPage.vue";

const Page = { name: "Page", render: () => h("main", { class: "page" }, [h("div", { id: "plants", class: "card" })]) };
const router = createRouter({
  history: createWebHistory(),
  routes: [
    { path: "/", component: Page },
    { path: "/choices", component: QuestionPage },
    { path: "/layouts", component: LayoutPage },
    { path: "/gestures", component: GesturePage },
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

export const tools = { Sentry, app, router, initSentry: (further, options) => initSentry(createApp({ render: () => h("p") }), further, options) };
export const places = { ...application, ...components };
