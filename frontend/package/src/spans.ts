/** Items of spans that are sent by themselves: what an interaction took until the next paint. */
import { operation, origin } from "./event.js";
import type { Guard } from "./guard.js";
import { fields, hex16, hex32, list, measured, oneOf, present, presentOrNone, time, type Fields } from "./reading.js";

/** What a web vital may be called by. */
const INTERACTIONS = ["ui.interaction.click", "ui.interaction.drag", "ui.interaction.hover", "ui.interaction.press"];

const NUMBERS = ["sentry.exclusive_time", "browser.web_vital.inp.value"];

/** The container of spans made anew; `undefined` where none of them is a web vital. */
export function rebuildSpans(guard: Guard, payload: unknown): Fields | undefined {
  const items = list(fields(payload).items)
    .map((item) => rebuildSpan(guard, fields(item)))
    .filter((item) => item !== undefined);
  if (items.length === 0) return undefined;
  return { version: 2, ingest_settings: { infer_ip: "never", infer_user_agent: "never" }, items };
}

function rebuildSpan(guard: Guard, span: Fields): Fields | undefined {
  const attributes = fields(span.attributes);
  const read = (key: string): unknown => fields(attributes[key]).value;
  const op = operation(read("sentry.op"));
  if (op === undefined || !INTERACTIONS.includes(op)) return undefined;
  const page = read("sentry.segment.name") ?? read("sentry.transaction");
  const route = typeof page === "string" ? guard.urls.pagePath(page) : undefined;
  const texts = {
    "sentry.op": op,
    "sentry.origin": origin(read("sentry.origin")),
    "sentry.segment.name": route,
    "sentry.transaction": route,
    "sentry.release": guard.release,
    "sentry.environment": guard.environment,
    "sentry.replay_id": hex32(read("sentry.replay_id")),
  };
  const kept: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(texts)) if (value !== undefined) kept[key] = { value, type: "string" };
  for (const key of NUMBERS) {
    const value = measured(read(key), 0, 10_000_000);
    if (value !== undefined) kept[key] = { value, type: Number.isInteger(value) ? "integer" : "double" };
  }
  return present({
    trace_id: hex32(span.trace_id),
    span_id: hex16(span.span_id),
    parent_span_id: hex16(span.parent_span_id),
    name: "Interaction to next paint",
    status: oneOf(span.status, ["ok", "error"]),
    is_segment: typeof span.is_segment === "boolean" ? span.is_segment : undefined,
    start_timestamp: time(span.start_timestamp),
    end_timestamp: time(span.end_timestamp),
    attributes: presentOrNone(kept),
  });
}
