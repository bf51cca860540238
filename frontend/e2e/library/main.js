/** A page made of a component library's components, which choose their classes at run time. */
import { initSentry } from "@pazpaz/otel-browser";
import ElementPlus from "element-plus";
import "element-plus/dist/index.css";
import { createApp } from "vue";
import Page from "./LibraryPage.vue";

const app = createApp(Page);
app.use(ElementPlus);
initSentry(app, undefined, { replay: { sessionSampleRate: 1 } });
app.mount("#app");
