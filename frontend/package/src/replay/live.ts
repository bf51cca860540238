/** The recorder's events as they are, past the text that Sentry's buffer makes of them. */
import type { SentryIntegration } from "../sdk.js";

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
    return Object.defineProperty(event, "toJSON", { value: (key: string) => (key === "" ? { ...event } : this.#keep(event, Number(key))) });
  }

  #keep(event: object, place: number): number {
    // A list from its beginning: the one before was sent, or never will be.
    if (place <= this.#place) this.#kept.clear();
    this.#place = place;
    this.#kept.set((this.#count += 1), event);
    return this.#count;
  }
}
