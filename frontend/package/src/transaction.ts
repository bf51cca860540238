import { rebuildBreadcrumbs } from "./breadcrumbs.js";
import { rebuildData } from "./data.js";
import { operation, origin, rebuildCommon, spanStatus } from "./event.js";
import type { Guard } from "./guard.js";
import { accept } from "./kinds.js";
import { fields, hex16, hex32, list, measured, oneOf, present, presentOrNone, time, type Fields } from "./reading.js";

/** Spans that one transaction keeps, the earliest. */
const MOST_SPANS = 1000;

const MEASUREMENTS = new Set([
  "fp", "fcp", "lcp", "cls", "inp", "ttfb", "ttfb.requestTime", "ttfb.requesttime", "connection.rtt",
  "time_to_initial_display",
]);

const UNITS = ["millisecond", "second", "byte", "kilobyte", "megabyte", "ratio", "percent", "none", ""];

/** What the browser itself names the phases of a page's load. */
const PHASES = new Set([
  "cache", "DNS", "connect", "TLS/SSL", "request", "response", "redirect", "unloadEvent", "domContentLoadedEvent", "loadEvent",
  "first-paint", "first-contentful-paint", "Main UI thread blocked", "Application Render",
]);

/** A transaction made anew: the route's template, its spans, its measurements. */
export function rebuildTransaction(guard: Guard, event: unknown): Fields {
  const source = fields(event);
  const trace = fields(fields(source.contexts).trace);
  const common = rebuildCommon(guard, source);
  const contexts = fields(common.contexts);
  return {
    ...common,
    ...present({
      type: "transaction",
      transaction: common.transaction ?? "{unmatched}",
      transaction_info: { source: "route" },
      start_timestamp: time(source.start_timestamp),
      contexts: {
        ...contexts,
        trace: present({ ...fields(contexts.trace), data: presentOrNone(pageData(guard, trace, common)) }),
      },
      spans: list(source.spans).slice(0, MOST_SPANS).map((span) => rebuildSpan(guard, span)),
      measurements: rebuildMeasurements(source.measurements),
      breadcrumbs: rebuildBreadcrumbs(guard, source.breadcrumbs),
    }),
  };
}

function rebuildSpan(guard: Guard, span: unknown): Record<string, unknown> {
  const source = fields(span);
  const op = operation(source.op);
  return present({
    trace_id: hex32(source.trace_id),
    span_id: hex16(source.span_id),
    parent_span_id: hex16(source.parent_span_id),
    op,
    origin: origin(source.origin),
    status: spanStatus(source.status),
    description: describe(guard, op ?? "", source.description ?? source.name),
    start_timestamp: time(source.start_timestamp),
    timestamp: time(source.timestamp ?? source.end_timestamp),
    data: presentOrNone(spanData(guard, source)),
  });
}

/** The attributes of the transaction itself, whose address is a page's. */
function pageData(guard: Guard, trace: Fields, common: Fields): Fields {
  const kept = spanData(guard, trace);
  const page = { "url.template": common.transaction, "url.path": common.transaction, "url.full": fields(common.request).url };
  return { ...kept, ...present(Object.fromEntries(Object.entries(page).filter(([key]) => key in kept))) };
}

/** Where spans hold their attributes differs between releases of the SDK. */
function spanData(guard: Guard, span: Fields): Fields {
  return rebuildData(guard, { ...fields(span.data), ...fields(span.attributes) });
}

function describe(guard: Guard, op: string, description: unknown): string | undefined {
  if (typeof description !== "string") return undefined;
  if (op === "http.client") {
    const [method, url] = description.split(" ", 2);
    return [accept(guard.policy, "method", method), guard.urls.request(url)].filter(Boolean).join(" ") || undefined;
  }
  if (op.startsWith("resource.")) return guard.files.name(description);
  if (PHASES.has(description)) return description;
  const component = /^Vue (<[^>]+>)$/.exec(description);
  if (component !== null) {
    const name = guard.texts.component(component[1]);
    return name === undefined ? undefined : `Vue ${name}`;
  }
  return guard.urls.template(description) ?? guard.texts.message(description);
}

function rebuildMeasurements(measurements: unknown): Record<string, unknown> | undefined {
  const kept: Record<string, unknown> = {};
  for (const [name, measurement] of Object.entries(fields(measurements))) {
    const { value, unit } = fields(measurement);
    const number = measured(value, 0, 10_000_000);
    if (MEASUREMENTS.has(name) && number !== undefined) kept[name] = present({ value: number, unit: oneOf(unit, UNITS) });
  }
  return presentOrNone(kept);
}
