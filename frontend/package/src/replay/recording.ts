/** A segment of a recording: a line of JSON that names it, then rrweb's events as JSON. */
import type { Guard } from "../guard.js";
import type { Recorder } from "../sdk.js";
import { fields, list, measured, present, time, whole, type Fields } from "../reading.js";
import { NodeBook } from "./book.js";
import { rebuildCustom } from "./custom.js";
import { rebuildReplayEvent } from "./event.js";
import { rebuildIncremental } from "./incremental.js";
import { LiveEvents } from "./live.js";
import { number } from "./marks.js";
import { rebuildNode, type Recording } from "./nodes.js";
import { Styles } from "./styles.js";

/** Makes the segments of one page's recording anew; it remembers the page's nodes from one to the next. */
export class Recordings {
  readonly #book = new NodeBook();
  readonly #live: LiveEvents;
  #styles: Styles | undefined;
  #last: readonly [payload: string, text: string] | undefined;

  constructor(live = new LiveEvents()) {
    this.#live = live;
  }

  /** Reads the page's style sheets, which prove the classes of what is recorded. */
  prepare(guard: Guard): Promise<void> {
    return this.#stylesOf(guard).read();
  }

  /** The segment made anew, as text; `undefined` where it isn't readable, as when it came compressed. */
  segment(guard: Guard, payload: unknown): string | undefined {
    if (typeof payload !== "string") return undefined;
    // Sentry sends one again that didn't arrive; what it was made of may be gone.
    if (payload === this.#last?.[0]) return this.#last[1];
    const newline = payload.indexOf("\n");
    if (newline < 0) return undefined;
    const segment = whole(fields(JSON.parse(payload.slice(0, newline))).segment_id);
    if (segment === undefined) return undefined;
    const kept: Fields[] = [];
    for (const event of list(JSON.parse(payload.slice(newline + 1)))) {
      const rebuilt = this.event(guard, typeof event === "number" ? this.#live.take(event) : event);
      if (rebuilt !== undefined) kept.push(rebuilt);
    }
    const text = `${JSON.stringify({ segment_id: segment })}\n${JSON.stringify(kept)}`;
    this.#last = [payload, text];
    return text;
  }

  /** One of rrweb's events made anew, or `undefined`: plug-ins' and unknown ones don't leave. */
  event(guard: Guard, event: unknown): Fields | undefined {
    const source = fields(event);
    const timestamp = time(source.timestamp, 1000) ?? time(source.timestamp);
    if (timestamp === undefined) return undefined;
    const data = this.#data(guard, source);
    return data === undefined ? undefined : { type: source.type, data, timestamp };
  }

  #data(guard: Guard, event: Fields): Fields | undefined {
    const data = fields(event.data);
    const styles = this.#stylesOf(guard);
    const recording: Recording = { book: this.#book, styles };
    switch (event.type) {
      case 0:
      case 1:
        return {};
      case 2: {
        this.#book.clear();
        styles.restart();
        const node = rebuildNode(recording, data.node, 0);
        if (node !== undefined) number(this.#book, node);
        const { top, left } = fields(data.initialOffset);
        const offset = present({ top: measured(top, 0, 10_000_000), left: measured(left, 0, 10_000_000) });
        return node === undefined ? undefined : { node, initialOffset: offset };
      }
      case 3:
        return rebuildIncremental(recording, data);
      case 4:
        return present({ href: guard.urls.page(data.href) ?? "about:blank", width: measured(data.width), height: measured(data.height) });
      case 5:
        return rebuildCustom(guard, this.#book, data);
      default:
        return undefined;
    }
  }

  /** In development the guard is another one when a module has brought its own facts. */
  #stylesOf(guard: Guard): Styles {
    if (this.#styles?.guard !== guard) this.#styles = new Styles(guard);
    return this.#styles;
  }
}

/** The filters of a recording's two items, for one page, and what has to be read before. */
export function recordingFilters(live?: LiveEvents): Pick<Recorder, "filters" | "prepare"> {
  const recordings = new Recordings(live);
  return {
    filters: { replay_event: rebuildReplayEvent, replay_recording: (guard, payload) => recordings.segment(guard, payload) },
    prepare: (guard) => recordings.prepare(guard),
  };
}
