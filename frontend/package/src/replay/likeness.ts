/** Which elements of the recorded document are like each other, as the answers to one question are. */
import { STRUCTURE } from "../dom.js";
import { CHOICES, isContainer, kindOf } from "./choices.js";
import { holdsControl, isSmall, sizeOf, type Entry } from "./entry.js";

/** Nodes of a section that can be an answer, and not a part of the page. */
const CARD = 24;

/** Containers without a class or a form in common that are a choice all the same: from this many on. */
const MANY = 3;

/** Children that are compared one by one. */
const COMPARED = 40;

/** The groups of like elements among the children of one, each of at least two. */
export function groupsOf<Node extends { readonly entry?: Entry | undefined }>(nodes: readonly Node[]): Node[][] {
  const groups: { readonly first: Entry; readonly nodes: Node[] }[] = [];
  for (const node of nodes) {
    const { entry } = node;
    if (entry === undefined || entry.tag.startsWith("#") || isUnique(entry.tag)) continue;
    const group = groups.find(({ first }) => first.tag === entry.tag && isAlikeInside(first, entry) && isLike(first, entry));
    if (group !== undefined) {
      group.first.isAnswer = entry.isAnswer = true;
      group.nodes.push(node);
    } else if (groups.length < COMPARED) groups.push({ first: entry, nodes: [node] });
  }
  return groups.map((group) => group.nodes).filter(({ length }) => length > 1);
}

function isUnique(tag: string): boolean {
  return STRUCTURE.has(tag) || tag === "input" || tag === "textarea" || CHOICES.has(tag);
}

/** Whether an element is one of several that can be answers. */
export function isOneOfMany(entry: Entry): boolean {
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

/** Whether one of an element's like is pressed as a key is: that "Yes" was pressed would leave, and that "No" was would not. */
export function isBesideKey(entry: Entry): boolean {
  return isOneOfMany(entry) && entry.parent?.children.some((other) => kindOf(other.tag) === kindOf(entry.tag) && isSmall(other) && holdsKey(other) && !holdsUnique(other)) === true;
}

function holdsKey(entry: Entry): boolean {
  return entry.isKey || entry.children.some(holdsKey);
}

function holdsUnique(entry: Entry): boolean {
  return isUnique(entry.tag) || entry.children.some(holdsUnique);
}

/** The last of the elements beside one that look like it in a recording, itself where it is that. */
export function lastOfForm(entry: Entry): Entry {
  return entry.parent?.children.slice(-COMPARED).findLast((other) => hasSameForm(entry, other)) ?? entry;
}

function hasSameForm(one: Entry, other: Entry): boolean {
  if (one.tag !== other.tag || one.shown > 0 !== other.shown > 0 || one.children.length !== other.children.length) return false;
  return one.children.every((child, at) => hasSameForm(child, other.children[at] as Entry));
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
  if (hasSameTags(one.children, other.children)) {
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

function hasSameTags(some: readonly Entry[], others: readonly Entry[]): boolean {
  if (some.length !== others.length) return false;
  for (let at = 0; at < some.length; at += 1) if (some[at]?.tag !== others[at]?.tag) return false;
  return true;
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

function sharesClass(classes: string, others: string): boolean {
  return others !== "" && (classes === others || others.split(/\s+/).some((name) => ` ${classes} `.includes(` ${name} `)));
}
