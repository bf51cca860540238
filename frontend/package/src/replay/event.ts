/** The item that goes with each segment of a recording. */
import { rebuildSdk } from "../event.js";
import type { Guard } from "../guard.js";
import { fields, hex32, list, oneOf, present, time, whole, type Fields } from "../reading.js";

/** A `replay_event` made anew. */
export function rebuildReplayEvent(guard: Guard, event: unknown): Fields {
  const source = fields(event);
  return present({
    type: "replay_event",
    event_id: hex32(source.event_id),
    replay_id: hex32(source.replay_id),
    segment_id: whole(source.segment_id),
    replay_type: oneOf(source.replay_type, ["buffer", "session", "error"]),
    replay_start_timestamp: time(source.replay_start_timestamp),
    timestamp: time(source.timestamp),
    error_ids: ids(source.error_ids),
    trace_ids: ids(source.trace_ids),
    urls: list(source.urls).map((url) => guard.urls.page(url)).filter((url) => url !== undefined),
    platform: "javascript",
    release: guard.release,
    environment: guard.environment,
    sdk: rebuildSdk(source.sdk),
  });
}

function ids(values: unknown): string[] {
  return list(values).map(hex32).filter((id) => id !== undefined);
}
