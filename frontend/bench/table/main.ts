import { initSentry } from "@pazpaz/otel-browser";
import { createApp, h, ref } from "vue";
import { createMemoryHistory, createRouter } from "vue-router";
import "./style.css";

/** A table that is recorded: rows of five cells, made at once when the button is clicked. */
const rows = ref(0);

const app = createApp({
  render: () =>
    h("main", [
      h("button", { id: "fill", onClick: () => (rows.value = 5000) }, "Fill"),
      h("table", { class: "wide" }, Array.from({ length: rows.value }, (_, row) => h("tr", { class: "line" }, Array.from({ length: 5 }, (_, cell) => h("td", { class: "cell" }, `${row} ${cell}`))))),
    ]),
});
const router = createRouter({ history: createMemoryHistory(), routes: [{ path: "/", component: { render: () => null } }] });
app.use(router);
initSentry(app, router);
app.mount("#app");
