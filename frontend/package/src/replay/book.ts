/**
 * The recorded document's elements, as far as it takes to judge what a finger on one of them would tell.
 *
 * A click says which element was meant: of a questionnaire, a keypad or a list that is the answer itself. So an
 * interaction within a choice, a drawing or a marked area doesn't leave, and one on an element among its like leaves as
 * one on what holds them all. What is as small as a mark, and comes and goes in such an element, doesn't leave either.
 */
import { STRUCTURE } from "../dom.js";
import type { Fields } from "../reading.js";
import { CHOICES, isChoice, isContainer, isControl, kindOf } from "./choices.js";

/** How many elements around the one that was meant may be one among its like. */
const LEVELS = 4;

/** Nodes of a mark, as a tick in a box with its own wrappers. */
const MARK = 8;

/** Nodes of a section that can be an answer, and not a part of the page. */
const CARD = 24;

/** Containers without a class or a form in common that are a choice all the same: from this many on. */
const MANY = 3;

/** Children that are compared one by one. */
const COMPARED = 40;

export interface Entry {
  readonly id: number;
  /** The number that it left under; 0 where it didn't. A gap in the recorder's own would tell what was left out. */
  shown: number;
  readonly parent: Entry | undefined;
  readonly tag: string;
  readonly classes: string;
  readonly labels: string | undefined;
  readonly children: Entry[];
  isPrivate: boolean;
  /** Whether it holds no more than a letter or two, as a key of a keypad and a tick. */
  isKey: boolean;
  /** Whether it was found to be one of many: what changes inside later makes it no other. */
  isAnswer: boolean;
  /** Whether a choice stands inside, as in its label. */
  holdsChoice: boolean;
  /** Whether a finger was on it: what is small and changes in there then can be a tick. */
  isTouched: boolean;
  /** Whether a style of its own left with the element. */
  isStyled: boolean;
}

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
    this.forget(this.#entries.get(id));
    const parent = this.#entries.get(parentId);
    const entry: Entry = {
      id, shown: 0, parent, tag,
      classes: typeof attributes.class === "string" ? attributes.class : "",
      labels: tag === "label" && typeof attributes.for === "string" ? attributes.for : undefined,
      children: [],
      isPrivate: isChoice(tag, attributes),
      isKey: false, isAnswer: false, holdsChoice: false, isTouched: false, isStyled: false,
    };
    this.#entries.set(id, entry);
    parent?.children.push(entry);
    if (typeof attributes.id === "string" && /^(?:input|select|textarea)$/.test(tag)) this.#named.set(attributes.id, entry);
    if (entry.isPrivate) markLabels(parent);
    return entry;
  }

  /** Notes a text: a key of a keypad has a letter or two. `masked` is as long as the text was. */
  addText(id: number, parentId: number, masked: unknown): void {
    const length = typeof masked === "string" ? masked.trim().length : 0;
    const { parent } = this.add(id, parentId, length > 0 ? "#text" : "#blank", {});
    if (parent === undefined) return;
    if (length > 0 && length <= 2 && !STRUCTURE.has(parent.tag) && !/^(?:label|section|article|h\d|textarea)$/.test(parent.tag)) parent.isKey = parent.isPrivate = true;
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
    if (near.some((one) => this.#isChoiceLabel(one))) return undefined;
    const found = near.findLast(isOneOfMany)?.parent ?? path.find(({ shown }) => shown > 0);
    return found === undefined ? undefined : { id: found.shown, exact: found === entry && /^(?:a|button|input|textarea)$/.test(entry.tag) };
  }

  #drop(entry: Entry): void {
    for (const child of entry.children) this.#drop(child);
    this.#entries.delete(entry.id);
  }

  #isChoiceLabel(entry: Entry): boolean {
    return entry.holdsChoice || (entry.labels !== undefined && this.#named.get(entry.labels)?.isPrivate === true);
  }
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

/** Whether an element, with all that is inside, is as small as a mark. */
export function isSmall(entry: Entry): boolean {
  return sizeOf(entry, MARK) <= MARK;
}

/** The groups of like elements among the children of one, each of at least two, by their places. */
export function groupsOf(entries: readonly (Entry | undefined)[]): number[][] {
  const groups: { readonly first: Entry; readonly places: number[] }[] = [];
  entries.forEach((entry, at) => {
    if (entry === undefined) return;
    const group = entry.tag.startsWith("#") || isUnique(entry.tag) ? undefined : groups.find(({ first }) => first.tag === entry.tag && isAlikeInside(first, entry) && isLike(first, entry));
    if (group !== undefined) {
      group.first.isAnswer = entry.isAnswer = true;
      group.places.push(at);
    } else if (groups.length < COMPARED) groups.push({ first: entry, places: [at] });
  });
  return groups.map(({ places }) => places).filter(({ length }) => length > 1);
}

function sizeOf(entry: Entry, most: number): number {
  let size = 1;
  for (const child of entry.children) {
    if (size > most) return size;
    size += sizeOf(child, most - size);
  }
  return size;
}

/** The element and those around it, outwards; `undefined` where it isn't a part of the document. */
function pathOf(entry: Entry | undefined): Entry[] | undefined {
  const path: Entry[] = [];
  for (let around = entry; around !== undefined; around = around.parent) path.push(around);
  return path.at(-1)?.tag === "#document" ? path : undefined;
}

function isUnique(tag: string): boolean {
  return STRUCTURE.has(tag) || tag === "input" || tag === "textarea" || CHOICES.has(tag);
}

function isOneOfMany(entry: Entry): boolean {
  return (entry.isAnswer ||= hasLike(entry));
}

function hasLike(entry: Entry): boolean {
  if (entry.tag.startsWith("#") || isUnique(entry.tag)) return false;
  let same = 1;
  for (const other of entry.parent?.children ?? []) {
    if (other === entry) continue;
    if (isLike(entry, other)) return true;
    if (other.tag === entry.tag && entry.tag !== "section" && (same += 1) >= MANY) return true;
  }
  return false;
}

/** Whether two elements can be two answers to one question. */
function isLike(one: Entry, other: Entry): boolean {
  if (one.tag !== other.tag && kindOf(one.tag) !== kindOf(other.tag)) return false;
  if (one.tag === "section") return isCard(one) && isCard(other) && isAlikeInside(one, other, holdsControl(one) ? 0 : 1);
  return !isContainer(one.tag) || sharesClass(one.classes, other.classes) || isAlikeInside(one, other);
}

/**
 * Whether two elements hold the same kinds of elements, but for `most` of each.
 *
 * Of two containers one may hold nothing where they lie in the same place of two like elements.
 */
export function isAlikeInside(one: Entry, other: Entry, most = 1, isPlace = !isContainer(one.tag)): boolean {
  if (one.children.length === other.children.length && one.children.every(({ tag }, at) => tag === other.children[at]?.tag)) {
    return isPlace || one.children.length === 0 || one.children.some(({ tag }) => isTold(tag));
  }
  const [left, right] = [kindsIn(one), kindsIn(other)];
  if (Math.abs(left.length - right.length) > most) return false;
  let shared = 0;
  for (const kind of left.slice(0, COMPARED)) {
    const at = right.indexOf(kind);
    if (at >= 0) {
      right.splice(at, 1);
      shared += 1;
    }
  }
  const compared = Math.min(left.length, COMPARED);
  return compared - shared <= most && (shared > 0 || (isPlace ? compared === 0 || right.length === 0 : compared + right.length === 0));
}

function kindsIn({ children }: Entry): string[] {
  return children.map(({ tag }) => kindOf(tag)).filter(isTold);
}

function isTold(kind: string): boolean {
  return kind !== "#blank" && kind !== "#comment";
}

function isCard(section: Entry): boolean {
  return sizeOf(section, CARD) <= CARD;
}

/** Whether an element holds more of a text than a tick has. */
export function holdsText(entry: Entry): boolean {
  return !entry.isKey && entry.children.some((child) => child.tag === "#text" || holdsText(child));
}

/** Whether an element isn't pressed as a whole, for something inside is. */
export function holdsControl(entry: Entry): boolean {
  return entry.children.some((child) => isControl(child.tag) || holdsControl(child));
}

function sharesClass(classes: string, others: string): boolean {
  return others !== "" && (classes === others || others.split(/\s+/).some((name) => ` ${classes} `.includes(` ${name} `)));
}

/** A choice's label is what is clicked: the elements around it, up to the next part of the page's structure. */
function markLabels(from: Entry | undefined): void {
  let entry = from;
  for (let level = 0; entry !== undefined && level < LEVELS && !STRUCTURE.has(entry.tag); level += 1) {
    if (entry.tag === "label") entry.holdsChoice = true;
    entry = entry.parent;
  }
}
