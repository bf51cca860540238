/** Which elements are chosen, drawn on or marked, and which kinds of elements are a choice beside each other. */
import type { Fields } from "../reading.js";

/** Elements in which a position or a choice is the answer. */
export const CHOICES: ReadonlySet<string> = new Set("canvas svg select option optgroup datalist map area progress meter video audio".split(" "));

/** Kinds of inputs that are chosen, not written. */
const CHOSEN = /^(?:radio|checkbox|range|color|date|datetime-local|month|time|week|image)$/i;

const ROLES = /(?:^|\s)(?:radio(?:group)?|checkbox|switch|slider|option|listbox|spinbutton|menuitem(?:radio|checkbox)|gridcell|treeitem)(?:\s|$)/;

/** Attributes that tell a state, and those that mark an area as private: ours, and those of Sentry's recording. */
const MARKS = /^(?:aria-(?:checked|pressed|selected|valuenow|activedescendant)|data-(?:pazpaz-private|sentry-(?:block|mask|ignore)))$/;

const BUTTONS = new Set(["a", "button", "summary"]);

const CONTROLS = new Set("input button a textarea select label".split(" "));

const CONTAINERS = new Set("div section article ul ol dl table tbody tr g".split(" "));

const MARKED = /(?:^|\s)sentry-(?:block|mask|ignore)(?:\s|$)/;

export function isChoice(tag: string, attributes: Fields): boolean {
  if (CHOICES.has(tag)) return true;
  for (const name in attributes) {
    if (MARKS.test(name)) return true;
    const pattern = name === "role" ? ROLES : name === "class" ? MARKED : name === "type" && tag === "input" ? CHOSEN : undefined;
    if (pattern?.test(String(attributes[name])) === true) return true;
  }
  return false;
}

/** What of several tags is as good as the other, to press on. */
export function kindOf(tag: string): string {
  return BUTTONS.has(tag) ? "button" : tag;
}

/** Elements that are worked with, and mark nothing. */
export function isControl(tag: string): boolean {
  return CONTROLS.has(tag);
}

/** Elements that only hold others: two of them aren't alike by their name alone. */
export function isContainer(tag: string): boolean {
  return CONTAINERS.has(tag);
}
