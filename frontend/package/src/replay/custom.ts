/** What Sentry adds to a recording: breadcrumbs and performance spans. */
import { rebuildBreadcrumb } from "../breadcrumbs.js";
import type { Guard } from "../guard.js";
import { accept } from "../kinds.js";
import { coarse, fields, measured, oneOf, present, presentOrNone, time, whole, type Fields } from "../reading.js";
import type { NodeBook } from "./book.js";
import { nodeId } from "./nodes.js";

const REQUESTS = ["resource.fetch", "resource.xhr"];

const PAGES = ["navigation.push", "navigation.navigate", "navigation.reload", "navigation.back_forward"];

const RESOURCES = ["resource.script", "resource.css", "resource.img", "resource.link", "resource.iframe", "resource.other"];

/** What a measure is and what describes it. */
const MEASURES = ["memory", "paint", "web-vital", "first-paint", "first-contentful-paint", "largest-contentful-paint", "cumulative-layout-shift", "interaction-to-next-paint", "first-input-delay"];

const NUMBERS = [
  "size", "statusCode", "value", "duration", "decodedBodySize", "encodedBodySize", "requestBodySize", "responseBodySize",
  "jsHeapSizeLimit", "totalJSHeapSize", "usedJSHeapSize", "domComplete", "domContentLoadedEventEnd", "domContentLoadedEventStart",
  "domInteractive", "loadEventEnd", "loadEventStart", "redirectCount",
];

/** A custom event's data, or `undefined`: an unknown tag doesn't leave. */
export function rebuildCustom(guard: Guard, book: NodeBook, data: unknown): Fields | undefined {
  const { tag, payload } = fields(data);
  switch (tag) {
    case "breadcrumb": {
      const rebuilt = rebuildBreadcrumb(guard, payload);
      if (rebuilt === undefined) return undefined;
      return { tag, payload: { type: "default", ...rebuilt, ...clicked(book, payload, rebuilt.data) } };
    }
    case "performanceSpan": {
      const rebuilt = rebuildSpan(guard, fields(payload));
      return rebuilt === undefined ? undefined : { tag, payload: rebuilt };
    }
    default:
      return undefined;
  }
}

/** The node that was clicked, by number: the recording has its masked form. */
function clicked(book: NodeBook, payload: unknown, kept: unknown): Fields {
  const data = fields(fields(payload).data);
  const id = nodeId(data.nodeId);
  const added = presentOrNone({
    ...fields(kept),
    nodeId: id === undefined ? undefined : book.target(book.get(id))?.id,
    clickCount: whole(data.clickCount, 0, 1000),
    timeAfterClickMs: measured(data.timeAfterClickMs),
    endReason: oneOf(data.endReason, ["mutation", "timeout", ""]),
  });
  return added === undefined ? {} : { data: added };
}

function rebuildSpan(guard: Guard, span: Fields): Fields | undefined {
  const { op } = span;
  const data = fields(span.data);
  const times = present({ startTimestamp: time(span.startTimestamp), endTimestamp: time(span.endTimestamp) });
  const numbers = Object.fromEntries(
    NUMBERS.map((name) => [name, coarse(data[name])]).filter(([, value]) => value !== undefined),
  ) as Fields;
  if (typeof op !== "string") return undefined;
  if (REQUESTS.includes(op)) {
    const method = accept(guard.policy, "method", data.method);
    return { op, ...times, description: guard.urls.request(span.description) ?? "", data: present({ ...numbers, method }) };
  }
  if (PAGES.includes(op)) {
    const previous = guard.urls.page(data.previous);
    return { op, ...times, description: guard.urls.page(span.description) ?? "", data: present({ ...numbers, previous }) };
  }
  if (RESOURCES.includes(op)) return { op, ...times, description: guard.files.name(span.description) ?? "", data: numbers };
  if (!MEASURES.includes(op)) return undefined;
  return { op, ...times, description: oneOf(span.description, MEASURES) ?? "", data: numbers };
}
