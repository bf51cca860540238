/** The recorder's events as they are, past the text that Sentry's buffer makes of them. */
import { fields, list } from "../reading.js";
import type { SentryIntegration } from "../sdk.js";

/** From so many added nodes on, an event's size is estimated. */
const MANY = 1000;

/** What a node takes as text beside its own texts, on average. */
const NODE = 90;

/**
 * Has a number stand for each event where the buffer is written as text, and knows which event that is.
 *
 * To write and to read a large change takes as long as to judge it. The field that tells the recorder is private to the
 * SDK: where it isn't there, events come as text.
 */
export class LiveEvents {
  readonly #kept = new Map<number, object>();
  #count = 0;
  #place = 0;

  /** Has an integration's recorder hand its events over. */
  attach(integration: SentryIntegration): SentryIntegration {
    const options: unknown = Reflect.get(integration, "_recordingOptions");
    if (typeof options === "object" && options !== null) Object.assign(options, { plugins: [{ name: "live", eventProcessor: (event: object) => this.#mark(event) }] });
    return integration;
  }

  /** The event that a number stands for, once. */
  take(number: number): object | undefined {
    const event = this.#kept.get(number);
    this.#kept.delete(number);
    return event;
  }

  /** By itself an event is written to know its size; in a list, to be sent. */
  #mark(event: object): object {
    return Object.defineProperty(event, "toJSON", { value: (key: string) => (key === "" ? sized(event) : this.#keep(event, Number(key))) });
  }

  #keep(event: object, place: number): number {
    // A list from its beginning: the one before was sent, or never will be.
    if (place <= this.#place) this.#kept.clear();
    this.#place = place;
    this.#kept.set((this.#count += 1), event);
    return this.#count;
  }
}

/** An event for its size alone; the buffer holds twenty megabytes at most. */
function sized(event: object): object {
  const data = fields(Reflect.get(event, "data"));
  const adds = list(data.adds);
  if (adds.length < MANY) return { ...event };
  let length = 0;
  for (const added of adds) length += lengthOf(fields(added).node);
  return { ...event, data: { ...data, adds: "x".repeat(length) } };
}

function lengthOf(node: unknown): number {
  const { textContent, attributes, childNodes } = fields(node);
  let length = NODE + (typeof textContent === "string" ? textContent.length : 0);
  const named = fields(attributes);
  for (const name in named) length += name.length + String(named[name]).length;
  for (const child of list(childNodes)) length += lengthOf(child);
  return length;
}
