import { initSentry } from "@pazpaz/otel-browser";
import { createPinia } from "pinia";
import { createApp } from "vue";
import App from "./App.vue";
import { router } from "./router";
import "./style.css";

const app = createApp(App);
app.use(createPinia());
app.use(router);
initSentry(app, router);
app.mount("#app");
