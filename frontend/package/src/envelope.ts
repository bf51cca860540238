import { rebuildSdk } from "./event.js";
import type { Guard } from "./guard.js";
import { fields, hex32, list, oneOf, own, present, presentOrNone, type Fields } from "./reading.js";

/** An item of an envelope: its header and its payload. */
export type Item = [Fields, unknown];

/** The envelope made anew, or `undefined` where none of its items may leave. Never raises. */
export function rebuildEnvelope(guard: Guard, envelope: unknown): [Fields, Item[]] | undefined {
  try {
    const [header, items] = list(envelope);
    const kept = list(items)
      .map((item) => rebuildItem(guard, item))
      .filter((item) => item !== undefined);
    return kept.length === 0 || isTorn(kept) ? undefined : [rebuildHeader(guard, fields(header)), kept];
  } catch {
    guard.dropped("envelope", "guard_failed");
    return undefined;
  }
}

/** A replay's two items make sense only together. */
function isTorn(items: readonly Item[]): boolean {
  const kinds = items.map(([header]) => header.type);
  return kinds.includes("replay_event") !== kinds.includes("replay_recording");
}

function rebuildItem(guard: Guard, item: unknown): Item | undefined {
  const [header, payload] = list(item);
  const kind = fields(header).type;
  const type = Object.keys(guard.filters).find((known) => known === kind);
  const filter = type === undefined ? undefined : own(guard.filters, type);
  if (type === undefined || filter === undefined) {
    guard.dropped("other", "forbidden_item");
    return undefined;
  }
  try {
    const rebuilt = filter(guard, payload);
    if (rebuilt !== undefined) return [headerOf(type, rebuilt), rebuilt];
    if (type === "replay_recording") guard.dropped(type, "unreadable");
    return undefined;
  } catch {
    guard.dropped(type, "guard_failed");
    return undefined;
  }
}

function headerOf(type: string, payload: unknown): Fields {
  if (type === "span") return { type, item_count: list(fields(payload).items).length, content_type: "application/vnd.sentry.items.span.v2+json" };
  return { type };
}

function rebuildHeader(guard: Guard, header: Fields): Fields {
  return present({
    event_id: hex32(header.event_id),
    sent_at: written(header.sent_at, /^20\d\d-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{3})?Z$/),
    sdk: rebuildSdk(header.sdk),
    dsn: header.dsn === undefined || guard.dsn === "" ? undefined : guard.dsn,
    trace: presentOrNone(rebuildSampling(guard, fields(header.trace))),
  });
}

/** The dynamic sampling context: what the server samples by, without names of pages or accounts. */
function rebuildSampling(guard: Guard, trace: Fields): Fields {
  const { trace_id: traceId, public_key: key, sample_rate: rate, sample_rand: rand } = trace;
  // Of another project's key the server can make nothing.
  if (hex32(traceId) === undefined || typeof key !== "string" || !guard.dsn.includes(`//${key}@`)) return {};
  return present({
    trace_id: traceId,
    public_key: key,
    sample_rate: fraction(rate),
    sample_rand: fraction(rand),
    sampled: oneOf(trace.sampled, ["true", "false"]),
    release: guard.release,
    environment: guard.environment,
    replay_id: hex32(trace.replay_id),
    transaction: guard.urls.template(trace.transaction),
  });
}

/** A fraction's first six digits. */
function fraction(value: unknown): string | undefined {
  return written(value, /^[01](?:\.[0-9]{1,17})?$/)?.slice(0, 8);
}

function written(value: unknown, pattern: RegExp): string | undefined {
  return typeof value === "string" && pattern.test(value) ? value : undefined;
}
