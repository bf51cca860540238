import type { Guard } from "../guard.js";
import { rebuildSheet } from "./css.js";

/**
 * The build's style sheets for a recording.
 *
 * They are read from the page once, made anew once, and handed out with the first element that brings styles: what the
 * recording itself holds of them, a page can have changed.
 */
export class Styles {
  readonly #made: string[] = [];
  #given = 0;

  /** Begins anew: a snapshot needs all of them. */
  restart(): void {
    this.#given = 0;
  }

  /** Takes in style sheets that the page has had since. */
  refresh(guard: Guard): void {
    guard.classes.refresh();
    const { texts } = guard.classes;
    for (const text of texts.slice(this.#made.length)) this.#made.push(rebuildSheet(guard, text));
  }

  hasMore(): boolean {
    return this.#given < this.#made.length;
  }

  /** The style sheets that weren't handed out yet, as one. */
  take(guard: Guard): string {
    this.refresh(guard);
    const text = this.#made.slice(this.#given).join("\n");
    this.#given = this.#made.length;
    return text;
  }
}
