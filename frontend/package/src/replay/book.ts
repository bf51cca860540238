/**
 * The recorded document's elements, as far as it takes to judge what a finger on one of them would tell.
 *
 * A click says which element was meant: of a questionnaire, a keypad or a list that is the answer itself. So an
 * interaction within a choice, a drawing or a marked area doesn't leave, and one on an element among its like leaves as
 * one on what holds them all. What is as small as a mark, and comes and goes in such an element, doesn't leave either.
 */
import { STRUCTURE } from "../dom.js";
import type { Fields } from "../reading.js";
import { isChoice, kindOf } from "./choices.js";
import { holdsText, type Entry } from "./entry.js";
import { isBesideKey, isOneOfMany, lastOfForm } from "./likeness.js";

/** How many elements around the one that was meant may be one among its like. */
const LEVELS = 4;

/** The children of whatever has none: most nodes are texts. */
const CHILDLESS: Entry[] = [];

/** Elements whose short text is no key of a keypad. */
const TEXTED = new Set("label section article h1 h2 h3 h4 h5 h6 textarea".split(" "));

/** What of an interaction may leave: the element that it leaves for, and whether the place on it does. */
export interface Target {
  readonly id: number;
  readonly exact: boolean;
}

export class NodeBook {
  readonly #entries = new Map<number, Entry>();
  readonly #named = new Map<string, Entry>();
  #shown = 0;

  /** Forgets everything: a new snapshot holds the whole document. */
  clear(): void {
    this.#entries.clear();
    this.#named.clear();
    this.#shown = 0;
  }

  get(id: number): Entry | undefined {
    return this.#entries.get(id);
  }

  /** Gives a node that leaves its number. */
  number(entry: Entry): number {
    this.#shown += 1;
    return (entry.shown = this.#shown);
  }

  /** Notes an element with its attributes as they were recorded, before they are made anew. */
  add(id: number, parentId: number, tag: string, attributes: Fields): Entry {
    const entry = this.addNode(id, parentId, tag, typeof attributes.class === "string" ? attributes.class : "");
    if (tag === "label" && typeof attributes.for === "string") entry.labels = attributes.for;
    if (typeof attributes.id === "string" && (tag === "input" || tag === "select" || tag === "textarea")) this.#named.set(attributes.id, entry);
    if (isChoice(tag, attributes)) {
      entry.isPrivate = true;
      markLabels(entry.parent);
    }
    return entry;
  }

  /** Notes a node of which nothing but its kind and its classes counts. */
  addNode(id: number, parentId: number, tag: string, classes = ""): Entry {
    const known = this.#entries.get(id);
    if (known !== undefined) this.forget(known);
    const parent = this.#entries.get(parentId);
    const entry: Entry = {
      id, shown: 0, parent, tag, classes,
      labels: undefined,
      children: CHILDLESS,
      isPrivate: false, isKey: false, isAnswer: false, holdsChoice: false, isTouched: false, isStyled: false,
    };
    this.#entries.set(id, entry);
    if (parent?.children === CHILDLESS) parent.children = [entry];
    else parent?.children.push(entry);
    return entry;
  }

  /** Notes a text: a key of a keypad has a letter or two. `masked` is as long as the text was. */
  addText(id: number, parentId: number, masked: unknown): Entry {
    const length = typeof masked === "string" ? masked.trim().length : 0;
    const entry = this.addNode(id, parentId, length > 0 ? "#text" : "#blank");
    const { parent } = entry;
    if (parent !== undefined && length > 0 && length <= 2 && !STRUCTURE.has(parent.tag) && !TEXTED.has(parent.tag)) parent.isKey = parent.isPrivate = true;
    return entry;
  }

  /** Takes note of attributes that changed: an element can become a choice later. */
  change(entry: Entry, attributes: Fields): void {
    entry.isPrivate ||= isChoice(entry.tag, attributes);
  }

  /** Forgets a node that was removed, and what is inside. */
  forget(entry: Entry | undefined): void {
    if (entry === undefined) return;
    const siblings = entry.parent?.children ?? [];
    const at = siblings.lastIndexOf(entry);
    if (at >= 0) siblings.splice(at, 1);
    this.#drop(entry);
  }

  /** Whether a node left, and neither it nor anything around it is private. */
  isOpen(entry: Entry | undefined): entry is Entry {
    return entry !== undefined && entry.shown > 0 && pathOf(entry)?.every(({ isPrivate }) => !isPrivate) === true;
  }

  /** Notes a finger, and says for which element that may leave; `undefined` where it may not leave. */
  touch(entry: Entry | undefined): Target | undefined {
    if (entry === undefined) return undefined;
    entry.isTouched = true;
    if (entry.parent !== undefined && kindOf(entry.tag) !== "button" && !STRUCTURE.has(entry.parent.tag)) entry.parent.isTouched = true;
    return this.target(entry);
  }

  /** The element that an interaction may leave for; `undefined` where it may not leave. */
  target(entry: Entry | undefined): Target | undefined {
    const path = pathOf(entry);
    if (entry === undefined || path === undefined || path.some(({ isPrivate }) => isPrivate)) return undefined;
    const near = path.slice(0, LEVELS);
    if (near.some((one) => this.#isChoiceLabel(one) || isBesideKey(one))) return undefined;
    const found = near.findLast(isOneOfMany)?.parent ?? path.find(({ shown }) => shown > 0);
    return found === undefined ? undefined : { id: found.shown, exact: found === entry && isPlain(entry) };
  }

  #drop(entry: Entry): void {
    for (const child of entry.children) this.#drop(child);
    this.#entries.delete(entry.id);
  }

  #isChoiceLabel(entry: Entry): boolean {
    return entry.holdsChoice || (entry.labels !== undefined && this.#named.get(entry.labels)?.isPrivate === true);
  }
}

/** Has a node that goes leave as the last of those that look like it: which of them went can be an answer. */
export function goAsLast(entry: Entry): void {
  if (isOneOfMany(entry)) exchange(entry, lastOfForm(entry));
}

function exchange(one: Entry, other: Entry): void {
  [one.shown, other.shown] = [other.shown, one.shown];
  one.children.forEach((child, at) => {
    exchange(child, other.children[at] as Entry);
  });
}

/** Whether an element's place tells nothing: one that shows a picture can be pointed at to answer. */
function isPlain(entry: Entry): boolean {
  return /^(?:input|textarea)$/.test(entry.tag) || (/^(?:a|button)$/.test(entry.tag) && holdsText(entry));
}

/** Whether what is small and changes in an element can be a mark on an answer. */
export function isMarkable(entry: Entry): boolean {
  let around = entry.tag.startsWith("#") ? entry.parent : entry;
  for (let level = 0; around !== undefined && level < LEVELS; level += 1) {
    if (around.isTouched || isOneOfMany(around)) return true;
    if (STRUCTURE.has(around.tag)) return false;
    around = around.parent;
  }
  return false;
}

/** The element and those around it, outwards; `undefined` where it isn't a part of the document. */
function pathOf(entry: Entry | undefined): Entry[] | undefined {
  const path: Entry[] = [];
  for (let around = entry; around !== undefined; around = around.parent) path.push(around);
  return path.at(-1)?.tag === "#document" ? path : undefined;
}

/** A choice's label is what is clicked: the elements around it, up to the next part of the page's structure. */
function markLabels(from: Entry | undefined): void {
  let entry = from;
  for (let level = 0; entry !== undefined && level < LEVELS && !STRUCTURE.has(entry.tag); level += 1) {
    if (entry.tag === "label") entry.holdsChoice = true;
    entry = entry.parent;
  }
}
