/** The nodes of a recorded document, made anew. */
import { STRUCTURE } from "../dom.js";
import { fields, list, oneOf, whole, type Fields } from "../reading.js";
import { isMarkable, type NodeBook } from "./book.js";
import { isSmall, type Entry } from "./entry.js";
import { rebuildInline } from "./inline.js";
import { dropMarks, levelGroups, type Made } from "./marks.js";
import { isElement } from "./platform.js";
import type { Styles } from "./styles.js";

/** What stands for every text and every value, whatever its length was. */
export const MASK = "******";

/** Elements that show what a recording must not: only the box that they fill is kept. */
const MEDIA = new Set("picture img video audio source track canvas iframe object embed map area image svg".split(" "));

/** Elements without content that the recording needs. */
const EMPTIED = new Set(["script", "noscript", "title", "template", "style", ...MEDIA]);

const INPUT_TYPES =
  /^(?:button|checkbox|color|date|datetime-local|email|file|hidden|image|month|number|password|radio|range|reset|search|submit|tel|text|time|url|week)$/;

/** Attributes that are a number on the screen; of media alone, whose box nothing else gives. */
const SIZES = new Set(["rr_width", "rr_height", "width", "height"]);

const FLAGS = new Set(["disabled", "readonly", "required", "multiple", "hidden", "novalidate", "open"]);

/** What says whether an element is on the screen. */
const SHOWING = new Set(["hidden", "open", "style"]);

const BOOLEANS = new Set(["aria-hidden", "aria-expanded", "aria-disabled", "aria-busy", "aria-modal"]);

/** The greatest id of a node: a recording counts them up from 1. */
const MOST_NODES = 10_000_000;

/** How deep a document may be nested. */
const DEEPEST = 512;

/** What the filters of a recording know. */
export interface Recording {
  readonly book: NodeBook;
  readonly styles: Styles;
  /** What one change adds inside of what it adds, by the parents' ids, last child first. */
  readonly added?: ReadonlyMap<unknown, readonly Fields[]>;
}

export function nodeId(value: unknown): number | undefined {
  return whole(value, -2, MOST_NODES);
}

/** A text as its mask; empty and blank ones stay, for they say only that there is nothing. */
export function maskText(text: unknown): string {
  if (typeof text !== "string" || text === "") return "";
  return text.trim() === "" ? " " : MASK;
}

/** A node with its children, or `undefined` where it isn't one that the recording knows. */
export function rebuildNode(recording: Recording, node: unknown, parent: number, depth = 0): Made | undefined {
  const { book } = recording;
  const source = fields(node);
  const id = nodeId(source.id);
  if (id === undefined || depth > DEEPEST) return undefined;
  const made: Made = { type: source.type, id };
  switch (source.type) {
    case 0:
      made.entry = book.addNode(id, 0, "#document");
      if (source.compatMode === "BackCompat" || source.compatMode === "CSS1Compat") made.compatMode = source.compatMode;
      made.childNodes = rebuildChildren(recording, source, id, depth);
      break;
    case 1:
      made.entry = book.addNode(id, parent, "#doctype");
      Object.assign(made, { name: "html", publicId: "", systemId: "" });
      break;
    case 2:
      rebuildElement(recording, source, parent, depth, made);
      break;
    case 3:
      made.entry = book.addText(id, parent, source.textContent);
      made.textContent = source.isStyle === true ? "" : maskText(source.textContent);
      if (source.isStyle === true) made.isStyle = true;
      break;
    case 4:
    case 5:
      made.entry = book.addNode(id, parent, "#comment");
      made.textContent = "";
      break;
    default:
      return undefined;
  }
  if (source.rootId !== undefined) made.rootId = source.rootId;
  if (source.isShadow === true) made.isShadow = true;
  return made;
}

/**
 * Changes of an element's attributes; `undefined` where nothing of them leaves, for that it changed can say that it was
 * chosen.
 *
 * Classes stay as the element was made with them, for what changes is a state; sizes and the kind of an input don't
 * change. Of an element among its like only whether it is shown leaves, and of a mark not even that.
 */
export function rebuildChanges({ styles, book }: Recording, entry: Entry, attributes: Fields): Record<string, unknown> | undefined {
  const isAnswer = isMarkable(entry) || book.target(entry)?.id !== entry.shown;
  if (isAnswer && isSmall(entry)) return undefined;
  const kept: Record<string, unknown> = {};
  for (const name in attributes) {
    const value = attributes[name];
    if (name === "class" || SIZES.has(name) || name === "type" || name === "value" || (isAnswer && !SHOWING.has(name))) continue;
    const proven = value === null && (FLAGS.has(name) || BOOLEANS.has(name) || name === "style" || name === "dir") ? null : rebuildAttribute(styles, "", name, value);
    if (proven !== undefined && (name !== "style" || isNewStyle(entry, proven ?? ""))) kept[name] = proven;
  }
  return Object.keys(kept).length === 0 ? undefined : kept;
}

/** Whether an element's own style is news: one of which nothing leaves is where one left before. */
function isNewStyle(entry: Entry, style: unknown): boolean {
  const wasStyled = entry.isStyled;
  const isEmpty = typeof style === "string" ? style === "" : Object.keys(fields(style)).length === 0;
  if (typeof style === "string" || !isEmpty) entry.isStyled = !isEmpty;
  return !isEmpty || (typeof style === "string" && wasStyled);
}

function rebuildElement(recording: Recording, source: Fields, parent: number, depth: number, made: Made): void {
  const { book, styles } = recording;
  const tag = typeof source.tagName === "string" ? source.tagName.toLowerCase() : "";
  const attributes = fields(source.attributes);
  const entry = (made.entry = book.add(made.id, parent, tag, attributes));
  const kept: Record<string, unknown> = {};
  for (const name in attributes) {
    const proven = rebuildAttribute(styles, tag, name, attributes[name]);
    if (proven !== undefined) kept[name] = proven;
  }
  if (kept.style !== undefined) isNewStyle(entry, kept.style);
  if (tag === "link" || tag === "style") {
    const text = styles.take();
    if (text !== undefined) kept._cssText = text;
  }
  const isShape = source.isSVG === true && tag !== "svg";
  made.tagName = isShape ? "g" : isElement(tag) || tag === "svg" ? tag : "div";
  made.attributes = kept;
  made.childNodes = EMPTIED.has(tag) ? [] : rebuildChildren(recording, source, made.id, depth);
  dropMarks(entry, made);
  if (source.isSVG === true) made.isSVG = true;
  if (source.needBlock === true || (MEDIA.has(tag) && tag !== "svg")) made.needBlock = true;
  if (source.isShadowHost === true) made.isShadowHost = true;
}

function rebuildChildren(recording: Recording, source: Fields, id: number, depth: number): Made[] {
  const kept: Made[] = [];
  for (const node of list(source.childNodes)) {
    const rebuilt = rebuildNode(recording, node, id, depth + 1);
    if (rebuilt !== undefined) kept.push(rebuilt);
  }
  const added = recording.added?.get(id);
  for (let at = (added?.length ?? 0) - 1; at >= 0; at -= 1) {
    const rebuilt = rebuildNode(recording, added?.[at]?.node, id, depth + 1);
    if (rebuilt !== undefined) kept.push(rebuilt);
  }
  levelGroups(kept);
  return kept;
}

function rebuildAttribute(styles: Styles, tag: string, name: string, value: unknown): unknown {
  switch (name) {
    case "class":
      return styles.classes(value);
    case "style":
      return rebuildInline(value);
    case "value":
      return maskText(value);
    case "type":
      return typeof value === "string" && INPUT_TYPES.test(value) ? value : undefined;
    case "rel":
      return oneOf(value, ["stylesheet"]);
    case "dir":
      return oneOf(value, ["ltr", "rtl", "auto"]);
    case "colspan":
    case "rowspan":
      // More cells than a table has are a bar's length.
      return /^(?:1?[0-9]|20)$/.test(String(value)) ? String(value) : undefined;
    case "rr_scrollLeft":
    case "rr_scrollTop":
      return STRUCTURE.has(tag) ? whole(value, 0, 1_000_000) : undefined;
    default:
      if (FLAGS.has(name)) return value === true || value === "" || value === name || value === "true" ? "" : undefined;
      if (BOOLEANS.has(name)) return oneOf(value, ["true", "false"]);
      if (SIZES.has(name)) return MEDIA.has(tag) ? rebuildSize(value) : undefined;
      return name.startsWith("data-v-") && styles.classes(name) !== "" ? "" : undefined;
  }
}

/** A box's size in steps of eight: what a size of its own told, as a bar's, it tells no more exactly. */
function rebuildSize(value: unknown): string | undefined {
  const found = /^([0-9]{1,4})(?:\.[0-9]{1,6})?(?:px)?$/.exec(String(value));
  return found === null ? undefined : `${Math.ceil(Number(found[1]) / 8) * 8}px`;
}
