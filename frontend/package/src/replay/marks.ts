/** Takes from like elements what not all of them have: which of them is ticked, filled or shown is an answer. */
import type { NodeBook } from "./book.js";
import { isControl } from "./choices.js";
import { holdsControl, holdsText, isSmall, type Entry } from "./entry.js";
import { groupsOf, isAlikeInside } from "./likeness.js";

/** How deep inside an answer its mark can lie. */
const DEEP = 4;

/** Attributes that an element has from the beginning, whatever is chosen. */
const SAME = /^(?:class|type|rr_.*|width|height|_cssText|data-v-.*)$/;

const NONE: readonly Made[] = [];

/** A node that was made anew. */
export interface Made {
  id: number;
  textContent?: string;
  attributes?: Record<string, unknown>;
  childNodes?: Made[];
  /** What the book has of it, until it is numbered. */
  entry?: Entry | undefined;
  [name: string]: unknown;
}

/** Levels the like ones among elements that stand beside each other. */
export function levelGroups(siblings: readonly Made[]): void {
  if (siblings.length < 2) return;
  for (const group of groupsOf(siblings)) level(group, DEEP);
}

/** What an element that is a choice by itself holds beside texts, inputs and other choices, where that is small: its mark. */
export function dropMarks(entry: Entry, node: Made): void {
  if (entry.isPrivate || entry.holdsChoice) drop(node, (child) => !/^#(?:text|blank)$/.test(child.tag) && !holdsText(child));
}

/** Numbers a node and all that it holds. */
export function number(book: NodeBook, node: Made): void {
  const { entry } = node;
  if (entry === undefined) return;
  node.entry = undefined;
  const root = typeof node.rootId === "number" ? book.get(node.rootId) : undefined;
  if (root !== undefined) node.rootId = root.shown;
  else if (node.rootId !== undefined) delete node.rootId;
  node.id = book.number(entry);
  if (node.childNodes !== undefined) for (const child of node.childNodes) number(book, child);
}

function level(members: readonly Made[], depth: number): void {
  const [first] = members;
  if (first?.attributes !== undefined) levelAttributes(members);
  else if (members.some(({ textContent }) => textContent !== first?.textContent)) for (const member of members) member.textContent = "******";
  if (depth === 0 || members.every(({ childNodes = NONE }) => childNodes.length === 0)) return;
  for (const { entry } of members) if (entry === undefined || first?.entry === undefined || !isAlikeInside(first.entry, entry, 1, true)) return;
  let rare: Set<Made> | undefined;
  for (const found of columns(members)) {
    if (found.length === members.length) level(found, depth - 1);
    else for (const node of found) (rare ??= new Set()).add(node);
  }
  const marks = rare;
  if (marks !== undefined) for (const member of members) drop(member, (_entry, node) => marks.has(node));
}

/** The children that stand in the same place, the second `div` of each. */
function columns(members: readonly Made[]): Iterable<Made[]> {
  const first = members[0]?.childNodes ?? NONE;
  if (members.every(({ childNodes = NONE }) => hasSameKinds(first, childNodes))) {
    const found: Made[][] = first.map(() => []);
    for (const { childNodes = NONE } of members) for (let at = 0; at < childNodes.length; at += 1) found[at]?.push(childNodes[at] as Made);
    return found;
  }
  const places = new Map<string, Made[]>();
  for (const { childNodes = NONE } of members) {
    const counts: Record<string, number> = {};
    for (const child of childNodes) {
      const kind = kindOf(child);
      const place = `${kind} ${(counts[kind] = (counts[kind] ?? 0) + 1)}`;
      const found = places.get(place);
      if (found === undefined) places.set(place, [child]);
      else found.push(child);
    }
  }
  return places.values();
}

function hasSameKinds(some: readonly Made[], others: readonly Made[]): boolean {
  if (some.length !== others.length) return false;
  for (let at = 0; at < some.length; at += 1) if (some[at]?.type !== others[at]?.type || some[at]?.tagName !== others[at]?.tagName) return false;
  return true;
}

function kindOf({ type, tagName }: Made): string {
  return typeof tagName === "string" ? tagName : String(type);
}

/** Leaves out the small ones among a node's children that `isMark` names. */
function drop(node: Made, isMark: (child: Entry, node: Made) => boolean): void {
  if (node.childNodes === undefined) return;
  node.childNodes = node.childNodes.filter((made) => {
    const { entry } = made;
    return entry === undefined || isControl(entry.tag) || (entry.isPrivate && !entry.isKey) || holdsControl(entry) || !isMark(entry, made) || !isSmall(entry);
  });
}

/** Leaves out what says how an element is shown, where it isn't the same of all. */
function levelAttributes(members: readonly Made[]): void {
  let uneven: Set<string> | undefined;
  const first = members[0]?.attributes ?? {};
  for (const { attributes = {} } of members) {
    if (attributes === first) continue;
    for (const name in attributes) if (attributes[name] !== first[name]) (uneven ??= new Set()).add(name);
    for (const name in first) if (!(name in attributes)) (uneven ??= new Set()).add(name);
  }
  for (const name of uneven ?? []) if (!SAME.test(name)) for (const { attributes } of members) if (attributes !== undefined) Reflect.deleteProperty(attributes, name);
}
