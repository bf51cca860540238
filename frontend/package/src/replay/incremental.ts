/** Changes of a recorded document, made anew. The numbers are rrweb's `IncrementalSource`. */
import { fields, list, measured, present, whole, type Fields } from "../reading.js";
import { STRUCTURE } from "../dom.js";
import { goAsLast, isMarkable } from "./book.js";
import { isSmall, type Entry } from "./entry.js";
import { isOneOfMany } from "./likeness.js";
import { levelGroups, number, type Made } from "./marks.js";
import { maskText, nodeId, rebuildChanges, rebuildNode, type Recording } from "./nodes.js";

/**
 * A change by its source, or `undefined`.
 *
 * Paths of the pointer don't leave: drawn on a canvas they are a signature, held over a list they are a choice. Nor do
 * changes of style sheets, canvases, media, fonts, logs, selections and unknown ones.
 */
export function rebuildIncremental(recording: Recording, data: Fields): Fields | undefined {
  const { book } = recording;
  const entry = entryOf(recording, data.id);
  switch (data.source) {
    case 0:
      return rebuildMutation(recording, data);
    case 2:
      return rebuildInteraction(recording, data);
    case 3:
      // What is no part of the page's structure can be a wheel that is turned to a value.
      return book.isOpen(entry) && (entry.tag === "#document" || STRUCTURE.has(entry.tag)) ? present({ source: 3, id: entry.shown, x: measured(data.x, 0, 10_000_000), y: measured(data.y, 0, 10_000_000) }) : undefined;
    case 4:
      return present({ source: 4, width: measured(data.width), height: measured(data.height) });
    case 5:
      // Of what is chosen, and not written, that it was chosen is the answer.
      return book.isOpen(entry) ? { source: 5, id: entry.shown, text: maskText(data.text), isChecked: false } : undefined;
    default:
      return undefined;
  }
}

function entryOf({ book }: Recording, value: unknown): Entry | undefined {
  const id = nodeId(value);
  return id === undefined ? undefined : book.get(id);
}

function isShown(entry: Entry | undefined): entry is Entry {
  return entry !== undefined && entry.shown > 0;
}

function rebuildInteraction(recording: Recording, data: Fields): Fields | undefined {
  const target = recording.book.touch(entryOf(recording, data.id));
  if (target === undefined) return undefined;
  const place = target.exact ? { x: measured(data.x), y: measured(data.y) } : {};
  return present({ source: 2, type: whole(data.type, 0, 10), id: target.id, ...place, pointerType: whole(data.pointerType, 0, 2) });
}

function rebuildMutation(recording: Recording, source: Fields): Fields | undefined {
  const { book } = recording;
  const added = nested(list(source.adds));
  const moved = new Set<unknown>();
  const removes = list(source.removes).flatMap((removed) => {
    const { id, parentId, isShadow } = fields(removed);
    const [entry, parent] = [entryOf(recording, id), entryOf(recording, parentId)];
    // To have moved among its like can be an answer as well, as where several are ranked.
    if (entry !== undefined && added.all.get(id)?.parentId === parentId && isOneOfMany(entry)) {
      moved.add(id);
      return [];
    }
    const leaves = isShown(entry) && book.isOpen(parent) && !(isSmall(entry) && isMarkable(parent));
    if (leaves) goAsLast(entry);
    book.forget(entry);
    return leaves ? [present({ id: entry.shown, parentId: parent.shown, isShadow: isShadow === true ? true : undefined })] : [];
  });
  const adds = rebuildAdds(recording, added, moved);
  const attributes = list(source.attributes).flatMap((change) => {
    const { id, attributes: changed } = fields(change);
    const entry = entryOf(recording, id);
    if (!book.isOpen(entry)) return [];
    book.change(entry, fields(changed));
    const kept = rebuildChanges(recording, entry, fields(changed));
    return kept === undefined ? [] : [{ id: entry.shown, attributes: kept }];
  });
  const texts = list(source.texts).flatMap((text) => {
    const { id, value } = fields(text);
    const entry = entryOf(recording, id);
    return book.isOpen(entry) && !isMarkable(entry) ? [{ id: entry.shown, value: maskText(value) }] : [];
  });
  if (texts.length + attributes.length + removes.length + adds.length === 0) return undefined;
  return present({ source: 0, texts, attributes, removes, adds, isAttachIframe: source.isAttachIframe === true ? true : undefined });
}

/**
 * Nodes that were added.
 *
 * The recorder names them one by one, parents and later neighbours first; they are judged as the trees that they are,
 * and several of one parent as like as in a snapshot.
 */
function rebuildAdds(recording: Recording, { roots, all, children }: Nested, moved: ReadonlySet<unknown>): Fields[] {
  const { book } = recording;
  const inside = { ...recording, added: children };
  const byParent = new Map<Entry, Made[]>();
  for (const root of roots) {
    if (moved.has(fields(root.node).id)) continue;
    const parent = entryOf(recording, root.parentId);
    const rebuilt = book.isOpen(parent) ? rebuildNode(inside, root.node, parent.id) : undefined;
    const entry = rebuilt?.entry;
    if (rebuilt === undefined || parent === undefined || entry === undefined) continue;
    if (isSmall(entry) && isMarkable(parent)) continue;
    const siblings = byParent.get(parent);
    if (siblings === undefined) byParent.set(parent, [rebuilt]);
    else siblings.push(rebuilt);
  }
  const left: Fields[] = [];
  for (const [parent, siblings] of byParent) {
    levelGroups(siblings);
    for (const node of siblings) {
      let next: unknown = all.get(node.id)?.nextId;
      while (!isShown(entryOf(recording, next)) && all.has(next)) next = all.get(next)?.nextId;
      const neighbour = entryOf(recording, next)?.shown;
      number(book, node);
      flatten(node, parent.shown, neighbour || null, left);
    }
  }
  return left;
}

/** Additions that stand in the document, all by their nodes' ids, and by their parents' those inside of others. */
interface Nested {
  readonly roots: readonly Fields[];
  readonly all: ReadonlyMap<unknown, Fields>;
  readonly children: ReadonlyMap<unknown, readonly Fields[]>;
}

function nested(adds: readonly unknown[]): Nested {
  const all = new Map<unknown, Fields>();
  const children = new Map<unknown, Fields[]>();
  const roots: Fields[] = [];
  for (const one of adds) {
    const added = fields(one);
    const { parentId, nextId } = added;
    all.set(fields(added.node).id, added);
    if (!all.has(parentId)) {
      roots.push(added);
      continue;
    }
    const beside = children.get(parentId);
    if (beside === undefined) {
      children.set(parentId, [added]);
      continue;
    }
    // The recorder goes from the last to the first: a later neighbour is the one before.
    const at = fields(beside.at(-1)?.node).id === nextId ? beside.length : beside.findLastIndex(({ node }) => fields(node).id === nextId) + 1;
    if (at === beside.length) beside.push(added);
    else beside.splice(at, 0, added);
  }
  return { roots, all, children };
}

/** Names a tree's nodes one by one, as the recorder does; `null` says that there is no neighbour. */
function flatten(node: Made, parentId: number, nextId: number | null, into: Fields[]): void {
  into.push({ parentId, nextId, node });
  const children = node.childNodes;
  if (children === undefined || children.length === 0) return;
  node.childNodes = [];
  let next: number | null = null;
  for (let at = children.length - 1; at >= 0; at -= 1) {
    const child = children[at];
    if (child === undefined) continue;
    flatten(child, node.id, next, into);
    next = child.id;
  }
}
