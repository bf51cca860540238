import { rebuildEvent, rebuildSdk } from "./event.js";
import type { Guard } from "./guard.js";
import { fields, hex32, list, oneOf, present, presentOrNone, type Fields } from "./reading.js";
import { rebuildReplayEvent } from "./replay/event.js";
import { rebuildRecording } from "./replay/recording.js";
import { rebuildTransaction } from "./transaction.js";

/** An item of an envelope: its header and its payload. */
export type Item = [Fields, unknown];

/** The filters, by item kind; a kind without one doesn't leave. */
const FILTERS: Readonly<Record<string, (guard: Guard, payload: unknown) => unknown>> = {
  event: rebuildEvent,
  transaction: rebuildTransaction,
  replay_event: rebuildReplayEvent,
  replay_recording: rebuildRecording,
};

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
  const type = Object.keys(FILTERS).find((kind) => kind === fields(header).type);
  const filter = type === undefined ? undefined : FILTERS[type];
  if (type === undefined || filter === undefined) {
    guard.dropped("other", "forbidden_item");
    return undefined;
  }
  try {
    const rebuilt = filter(guard, payload);
    if (rebuilt === undefined) {
      if (type === "replay_recording") guard.dropped(type, "unreadable");
      return undefined;
    }
    return [typeof rebuilt === "string" ? { type, length: new TextEncoder().encode(rebuilt).length } : { type }, rebuilt];
  } catch {
    guard.dropped(type, "guard_failed");
    return undefined;
  }
}

function rebuildHeader(guard: Guard, header: Fields): Fields {
  return present({
    event_id: hex32(header.event_id),
    sent_at: typeof header.sent_at === "string" && /^\d{4}-\d\d-\d\dT[\d:.]{8,12}Z$/.test(header.sent_at) ? header.sent_at : undefined,
    sdk: rebuildSdk(guard, header.sdk),
    dsn: typeof header.dsn === "string" && /^https?:\/\/[0-9a-f]{1,64}@[\w.:-]{1,253}(?:\/[\w-]{1,64}){1,4}$/.test(header.dsn) ? header.dsn : undefined,
    trace: presentOrNone(rebuildSampling(guard, fields(header.trace))),
  });
}

/** The dynamic sampling context: what the server samples by, without names of pages or accounts. */
function rebuildSampling(guard: Guard, trace: Fields): Fields {
  const { trace_id: traceId, public_key: key, sample_rate: rate, sample_rand: rand } = trace;
  if (hex32(traceId) === undefined) return {};
  return present({
    trace_id: traceId,
    public_key: typeof key === "string" && /^[0-9a-f]{1,64}$/.test(key) ? key : undefined,
    sample_rate: fraction(rate),
    sample_rand: fraction(rand),
    sampled: oneOf(trace.sampled, ["true", "false"]),
    release: guard.release,
    environment: guard.environment,
    replay_id: hex32(trace.replay_id),
    transaction: guard.urls.template(trace.transaction),
  });
}

function fraction(value: unknown): string | undefined {
  return typeof value === "string" && /^[01](?:\.[0-9]{1,17})?$/.test(value) ? value : undefined;
}
