/** The attacked application of React. */
import { errorHandlers, initSentry } from "@pazpaz/otel-browser/react";
import * as Sentry from "@sentry/browser";
import { createElement } from "react";
import { createRoot } from "react-dom/client";

initSentry({ pages: ["/", "/clients/:id"], replay: { sessionSampleRate: 1 }, tracesSampleRate: 1 });
createRoot(document.querySelector("#app"), errorHandlers).render(createElement("main", { className: "page" }, createElement("div", { id: "plants", className: "card" })));

export const tools = { Sentry, initSentry: (_router, options) => initSentry(options) };
export { places } from "./places/react.js";
