/** A segment of a recording: a line of JSON that names it, then rrweb's events as JSON. */
import type { Guard } from "../guard.js";
import { fields, list, measured, present, time, whole, type Fields } from "../reading.js";
import { rebuildCustom } from "./custom.js";
import { rebuildIncremental } from "./incremental.js";
import { rebuildNode } from "./nodes.js";

/** The segment made anew, as text; `undefined` where it isn't readable, as when it came compressed. */
export function rebuildRecording(guard: Guard, payload: unknown): string | undefined {
  if (typeof payload !== "string") return undefined;
  const newline = payload.indexOf("\n");
  if (newline < 0) return undefined;
  const segment = whole(fields(JSON.parse(payload.slice(0, newline))).segment_id);
  const events = list(JSON.parse(payload.slice(newline + 1)))
    .map((event) => rebuildRecordingEvent(guard, event))
    .filter((event) => event !== undefined);
  return segment === undefined ? undefined : `${JSON.stringify({ segment_id: segment })}\n${JSON.stringify(events)}`;
}

/** One of rrweb's events made anew, or `undefined`: plug-ins' and unknown ones don't leave. */
export function rebuildRecordingEvent(guard: Guard, event: unknown): Fields | undefined {
  const source = fields(event);
  const timestamp = time(source.timestamp, 1000) ?? time(source.timestamp);
  if (timestamp === undefined) return undefined;
  const data = rebuildData(guard, source);
  return data === undefined ? undefined : { type: source.type, data, timestamp };
}

function rebuildData(guard: Guard, event: Fields): Fields | undefined {
  const data = fields(event.data);
  switch (event.type) {
    case 0:
    case 1:
      return {};
    case 2: {
      const node = rebuildNode(guard, data.node);
      const { top, left } = fields(data.initialOffset);
      const offset = present({ top: measured(top, 0, 10_000_000), left: measured(left, 0, 10_000_000) });
      return node === undefined ? undefined : { node, initialOffset: offset };
    }
    case 3:
      return rebuildIncremental(guard, data);
    case 4:
      return present({
        href: guard.urls.page(data.href) ?? "about:blank",
        width: measured(data.width),
        height: measured(data.height),
      });
    case 5:
      return rebuildCustom(guard, data);
    default:
      return undefined;
  }
}
