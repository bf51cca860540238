/** Takes from like elements what not all of them have: which of them is ticked, filled or shown is an answer. */
import { isControl } from "./choices.js";
import { groupsOf, holdsControl, holdsText, isAlikeInside, isSmall, type Entry, type NodeBook } from "./book.js";

/** How deep inside an answer its mark can lie. */
const DEEP = 4;

/** Attributes that an element has from the beginning, whatever is chosen. */
const SAME = /^(?:class|type|rr_.*|width|height|colspan|rowspan|_cssText|data-v-.*)$/;

/** A node that was made anew. */
export interface Made {
  id: number;
  textContent?: string;
  attributes?: Record<string, unknown>;
  childNodes?: Made[];
  [name: string]: unknown;
}

/** Levels the like ones among elements that stand beside each other. */
export function levelGroups(book: NodeBook, siblings: readonly Made[]): void {
  if (siblings.length < 2) return;
  for (const group of groupsOf(siblings.map(({ id }) => book.get(id)))) level(book, group.flatMap((at) => siblings[at] ?? []), DEEP);
}

/** What an element that is a choice by itself holds beside texts, inputs and other choices, where that is small: its mark. */
export function dropMarks(book: NodeBook, entry: Entry, node: Made): void {
  if (entry.isPrivate || entry.holdsChoice) drop(book, node, (child) => !/^#(?:text|blank)$/.test(child.tag) && !holdsText(child));
}

/** Numbers a node and all that it holds. */
export function number(book: NodeBook, node: Made): void {
  const entry = book.get(node.id);
  if (entry === undefined) return;
  const root = typeof node.rootId === "number" ? book.get(node.rootId) : undefined;
  if (root !== undefined) node.rootId = root.shown;
  else if (node.rootId !== undefined) delete node.rootId;
  node.id = book.number(entry);
  if (node.childNodes !== undefined) for (const child of node.childNodes) number(book, child);
}

function level(book: NodeBook, members: readonly Made[], depth: number): void {
  const [first] = members;
  if (first?.attributes !== undefined) levelAttributes(members);
  else if (members.some(({ textContent }) => textContent !== first?.textContent)) for (const member of members) member.textContent = "******";
  if (depth === 0 || members.every(({ childNodes = [] }) => childNodes.length === 0)) return;
  const entries = members.map(({ id }) => book.get(id));
  if (entries.some((entry) => entry === undefined || entries[0] === undefined || !isAlikeInside(entries[0], entry, 1, true))) return;
  const rare = new Set<number>();
  for (const found of columns(members)) {
    if (found.length === members.length) level(book, found, depth - 1);
    else for (const { id } of found) rare.add(id);
  }
  if (rare.size > 0) for (const member of members) drop(book, member, ({ id }) => rare.has(id));
}

/** The children that stand in the same place, the second `div` of each. */
function columns(members: readonly Made[]): Iterable<Made[]> {
  const first = members[0]?.childNodes ?? [];
  const isEven = members.every(({ childNodes = [] }) => childNodes.length === first.length && childNodes.every((child, at) => child.type === first[at]?.type && child.tagName === first[at]?.tagName));
  if (isEven) return first.map((_, at) => members.flatMap(({ childNodes }) => childNodes?.[at] ?? []));
  const places = new Map<string, Made[]>();
  for (const { childNodes = [] } of members) {
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

function kindOf({ type, tagName }: Made): string {
  return typeof tagName === "string" ? tagName : String(type);
}

/** Leaves out the small ones among a node's children that `isMark` names. */
function drop(book: NodeBook, node: Made, isMark: (child: Entry) => boolean): void {
  if (node.childNodes === undefined) return;
  node.childNodes = node.childNodes.filter(({ id }) => {
    const child = book.get(id);
    if (child === undefined || isControl(child.tag) || (child.isPrivate && !child.isKey) || holdsControl(child) || !isMark(child) || !isSmall(child)) return true;
    return false;
  });
}

/** Leaves out what says how an element is shown, where it isn't the same of all. */
function levelAttributes(members: readonly Made[]): void {
  const uneven = new Set<string>();
  const first = members[0]?.attributes ?? {};
  for (const { attributes = {} } of members) {
    for (const name in attributes) if (attributes[name] !== first[name]) uneven.add(name);
    for (const name in first) if (!(name in attributes)) uneven.add(name);
  }
  for (const name of uneven) if (!SAME.test(name)) for (const { attributes } of members) if (attributes !== undefined) Reflect.deleteProperty(attributes, name);
}
