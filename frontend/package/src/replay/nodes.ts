/** The nodes of a recorded document, made anew. */
import { TAGS } from "../dom.js";
import type { Guard } from "../guard.js";
import { fields, list, oneOf, whole, type Fields } from "../reading.js";
import type { NodeBook } from "./book.js";
import { rebuildInline } from "./css.js";
import type { Styles } from "./styles.js";

/** What stands for every text and every value, whatever its length was. */
export const MASK = "******";

/** Elements that show what a recording must not: only the box that they fill is kept. */
const MEDIA = new Set("picture img video audio source track canvas iframe object embed map area image svg".split(" "));

/** Elements without content that the recording needs. */
const EMPTIED = new Set(["script", "noscript", "title", "template", "style", ...MEDIA]);

const ROLES = new Set(
  "alert alertdialog banner button cell checkbox columnheader combobox complementary contentinfo dialog document form grid gridcell group heading img link list listbox listitem log main menu menubar menuitem navigation none option presentation progressbar radio radiogroup region row rowgroup rowheader search searchbox separator slider spinbutton status switch tab table tablist tabpanel textbox timer toolbar tooltip tree treeitem".split(
    " ",
  ),
);

const INPUT_TYPES = new Set(
  "button checkbox color date datetime-local email file hidden image month number password radio range reset search submit tel text time url week text/css module".split(
    " ",
  ),
);

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

/** What the filters of a recording know beside the guard. */
export interface Recording {
  readonly guard: Guard;
  readonly book: NodeBook;
  readonly styles: Styles;
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
export function rebuildNode(recording: Recording, node: unknown, parent: number, depth = 0): Fields | undefined {
  const source = fields(node);
  const id = nodeId(source.id);
  if (id === undefined || depth > DEEPEST) return undefined;
  const made: Record<string, unknown> = { type: source.type };
  switch (source.type) {
    case 0:
      recording.book.add(id, 0, "#document", {});
      if (source.compatMode === "BackCompat" || source.compatMode === "CSS1Compat") made.compatMode = source.compatMode;
      made.childNodes = rebuildChildren(recording, source, id, depth);
      break;
    case 1:
      Object.assign(made, { name: "html", publicId: "", systemId: "" });
      break;
    case 2:
      rebuildElement(recording, source, id, parent, depth, made);
      break;
    case 3:
      recording.book.addText(id, parent, source.textContent);
      made.textContent = source.isStyle === true ? "" : maskText(source.textContent);
      if (source.isStyle === true) made.isStyle = true;
      break;
    case 4:
    case 5:
      made.textContent = "";
      break;
    default:
      return undefined;
  }
  made.id = id;
  const root = nodeId(source.rootId);
  if (root !== undefined) made.rootId = root;
  if (source.isShadow === true) made.isShadow = true;
  return made;
}

/** An element's attributes that are in the allow-list, with proven values. */
export function rebuildAttributes(recording: Recording, tag: string, attributes: Fields): Record<string, unknown> {
  const kept: Record<string, unknown> = {};
  for (const name in attributes) {
    const proven = rebuildAttribute(recording.guard, tag, name, attributes[name]);
    if (proven !== undefined) kept[name] = proven;
  }
  return kept;
}

/**
 * Changes of an element's attributes; `undefined` where nothing of them leaves, for that it changed can say that it was
 * chosen.
 *
 * Classes stay as the element was made with them, for what changes is a state; sizes and the kind of an input don't
 * change. Of an element among its like only whether it is shown leaves.
 */
export function rebuildChanges({ guard, book }: Recording, id: number, attributes: Fields): Record<string, unknown> | undefined {
  const isAlone = book.target(id)?.id === id;
  const kept: Record<string, unknown> = {};
  for (const name in attributes) {
    const value = attributes[name];
    if (name === "class" || SIZES.has(name) || name === "type" || name === "value" || !(isAlone || SHOWING.has(name))) continue;
    const proven = value === null && (FLAGS.has(name) || BOOLEANS.has(name) || name === "style" || name === "role" || name === "dir") ? null : rebuildAttribute(guard, "", name, value);
    if (proven !== undefined && (name !== "style" || book.isNewStyle(id, proven ?? ""))) kept[name] = proven;
  }
  return Object.keys(kept).length === 0 ? undefined : kept;
}

function rebuildElement(recording: Recording, source: Fields, id: number, parent: number, depth: number, made: Record<string, unknown>): void {
  const tag = typeof source.tagName === "string" ? source.tagName.toLowerCase() : "";
  const attributes = fields(source.attributes);
  recording.book.add(id, parent, tag, attributes);
  const kept = rebuildAttributes(recording, tag, attributes);
  recording.book.isNewStyle(id, kept.style);
  // A page's own style sheets are the build's; a recorded one could have been changed since.
  if ((tag === "link" || tag === "style") && recording.styles.hasMore()) kept._cssText = recording.styles.take(recording.guard);
  made.tagName = TAGS.has(tag) ? tag : "div";
  made.attributes = kept;
  made.childNodes = EMPTIED.has(tag) ? [] : rebuildChildren(recording, source, id, depth);
  if (source.isSVG === true) made.isSVG = true;
  if (source.needBlock === true || (MEDIA.has(tag) && tag !== "svg")) made.needBlock = true;
  if (source.isShadowHost === true) made.isShadowHost = true;
}

function rebuildChildren(recording: Recording, source: Fields, id: number, depth: number): Fields[] {
  const kept: Fields[] = [];
  for (const child of list(source.childNodes)) {
    const rebuilt = rebuildNode(recording, child, id, depth + 1);
    if (rebuilt !== undefined) kept.push(rebuilt);
  }
  return kept;
}

function rebuildAttribute(guard: Guard, tag: string, name: string, value: unknown): unknown {
  switch (name) {
    case "class":
      return guard.classes.of(value);
    case "style":
      return rebuildInline(value);
    case "value":
      return maskText(value);
    case "type":
      return typeof value === "string" && INPUT_TYPES.has(value) ? value : undefined;
    case "rel":
      return oneOf(value, ["stylesheet"]);
    case "role":
      return typeof value === "string" && ROLES.has(value) ? value : undefined;
    case "dir":
      return oneOf(value, ["ltr", "rtl", "auto"]);
    case "colspan":
    case "rowspan":
      return /^[0-9]{1,3}$/.test(String(value)) ? String(value) : undefined;
    case "rr_scrollLeft":
    case "rr_scrollTop":
      return whole(value, 0, 1_000_000);
    default:
      if (FLAGS.has(name)) return value === true || value === "" || value === name || value === "true" ? "" : undefined;
      if (BOOLEANS.has(name)) return oneOf(value, ["true", "false"]);
      if (SIZES.has(name)) return MEDIA.has(tag) ? rebuildSize(value) : undefined;
      return /^data-v-[0-9a-f]{8}$/.test(name) ? "" : undefined;
  }
}

/** A box's size in steps of eight: what a size of its own told, as a bar's, it tells no more exactly. */
function rebuildSize(value: unknown): string | undefined {
  const found = /^([0-9]{1,4})(?:\.[0-9]{1,6})?(?:px)?$/.exec(String(value));
  return found === null ? undefined : `${Math.ceil(Number(found[1]) / 8) * 8}px`;
}
