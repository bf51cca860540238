/** The nodes of a recorded document, made anew. */
import { MEDIA, TAGS } from "../dom.js";
import type { Guard } from "../guard.js";
import { fields, list, measured, oneOf, present, whole, type Fields } from "../reading.js";
import { rebuildDeclaration, rebuildDeclarations, rebuildSheet } from "./css.js";

/** What stands for every text and every value, whatever its length was. */
export const MASK = "******";

/** Elements without content that the recording needs. */
const EMPTIED = new Set(["script", "noscript", "title", "template", ...MEDIA]);

const ROLES =
  "alert alertdialog banner button cell checkbox columnheader combobox complementary contentinfo dialog document form grid gridcell group heading img link list listbox listitem log main menu menubar menuitem navigation none option presentation progressbar radio radiogroup region row rowgroup rowheader search searchbox separator slider spinbutton status switch tab table tablist tabpanel textbox timer toolbar tooltip tree treeitem".split(
    " ",
  );

const INPUT_TYPES =
  "button checkbox color date datetime-local email file hidden image month number password radio range reset search submit tel text time url week".split(
    " ",
  );

/** Attributes that are a number on the screen. */
const SIZES = new Set(["rr_width", "rr_height", "rr_scrollLeft", "rr_scrollTop"]);

const COUNTS = new Set(["colspan", "rowspan", "rows", "cols", "tabindex", "size"]);

const FLAGS = new Set(["disabled", "readonly", "required", "multiple", "hidden", "novalidate", "open"]);

const LENGTHS = new Set(["width", "height", "x", "y", "rx", "ry", "cx", "cy", "r"]);

/** The greatest id of a node: a recording counts them up from 1. */
const MOST_NODES = 10_000_000;

export function nodeId(value: unknown): number | undefined {
  return whole(value, -2, MOST_NODES);
}

/** A text as its mask; empty and blank ones stay, for they say only that there is nothing. */
export function maskText(text: unknown): string {
  if (typeof text !== "string" || text === "") return "";
  return text.trim() === "" ? " " : MASK;
}

/** A node with its children, or `undefined` where it isn't one that the recording knows. */
export function rebuildNode(guard: Guard, node: unknown, depth = 0): Fields | undefined {
  const source = fields(node);
  const id = nodeId(source.id);
  if (id === undefined || depth > 512) return undefined;
  const shared = {
    id,
    rootId: nodeId(source.rootId),
    isShadow: source.isShadow === true ? true : undefined,
  };
  switch (source.type) {
    case 0:
      return present({
        type: 0,
        compatMode: oneOf(source.compatMode, ["BackCompat", "CSS1Compat"]),
        childNodes: rebuildChildren(guard, source, depth),
        ...shared,
      });
    case 1:
      return present({ type: 1, name: "html", publicId: "", systemId: "", ...shared });
    case 2:
      return rebuildElement(guard, source, shared, depth);
    case 3:
      return present({
        type: 3,
        textContent: source.isStyle === true ? rebuildSheet(guard, source.textContent) : maskText(source.textContent),
        isStyle: source.isStyle === true ? true : undefined,
        ...shared,
      });
    case 4:
      return present({ type: 4, textContent: "", ...shared });
    case 5:
      return present({ type: 5, textContent: "", ...shared });
    default:
      return undefined;
  }
}

/** An element's attributes that are in the allow-list, with proven values. */
export function rebuildAttributes(guard: Guard, attributes: unknown): Record<string, unknown> {
  const kept: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(fields(attributes))) {
    const proven = value === null && NAMES.test(name) ? null : rebuildAttribute(guard, name, value);
    if (proven !== undefined) kept[name] = proven;
  }
  return kept;
}

/** Attributes whose removal may be told. */
const NAMES = /^(?:class|style|type|role|dir|disabled|readonly|required|multiple|hidden|novalidate|open|aria-(?:hidden|expanded|disabled|busy|modal))$/;

function rebuildElement(guard: Guard, source: Fields, shared: Fields, depth: number): Fields {
  const tag = typeof source.tagName === "string" ? source.tagName.toLowerCase() : "";
  const attributes = rebuildAttributes(guard, source.attributes);
  const media = MEDIA.has(tag);
  return present({
    type: 2,
    tagName: TAGS.has(tag) ? tag : "div",
    attributes,
    childNodes: EMPTIED.has(tag) ? [] : rebuildChildren(guard, source, depth),
    isSVG: source.isSVG === true ? true : undefined,
    needBlock: media || source.needBlock === true ? true : undefined,
    isShadowHost: source.isShadowHost === true ? true : undefined,
    ...shared,
  });
}

function rebuildChildren(guard: Guard, source: Fields, depth: number): Fields[] {
  return list(source.childNodes)
    .map((child) => rebuildNode(guard, child, depth + 1))
    .filter((child) => child !== undefined);
}

function rebuildAttribute(guard: Guard, name: string, value: unknown): unknown {
  if (SIZES.has(name)) return rebuildSize(value);
  if (COUNTS.has(name)) return rebuildCount(value);
  if (LENGTHS.has(name)) return rebuildLength(value);
  if (FLAGS.has(name)) return value === true || value === "" || value === name || value === "true" ? "" : undefined;
  if (/^data-v-[0-9a-f]{8}$/.test(name)) return "";
  switch (name) {
    case "class":
      return guard.texts.classes(value);
    case "style":
      return typeof value === "object" ? rebuildStyleChanges(guard, value) : rebuildDeclarations(guard, value);
    case "_cssText":
      return rebuildSheet(guard, value);
    case "value":
      return maskText(value);
    case "type":
      return oneOf(value, [...INPUT_TYPES, "text/css", "module"]);
    case "rel":
      return oneOf(value, ["stylesheet"]);
    case "role":
      return oneOf(value, ROLES);
    case "dir":
      return oneOf(value, ["ltr", "rtl", "auto"]);
    case "aria-hidden":
    case "aria-expanded":
    case "aria-disabled":
    case "aria-busy":
    case "aria-modal":
      return oneOf(value, ["true", "false"]);
    case "viewBox":
      return typeof value === "string" && /^(?:-?[0-9]{1,5} ){3}[0-9]{1,5}$/.test(value) ? value : undefined;
    case "fill":
    case "stroke":
      return typeof value === "string" && /^(?:none|currentColor|#[0-9a-fA-F]{3,8})$/.test(value) ? value : undefined;
    default:
      return undefined;
  }
}

function rebuildSize(value: unknown): unknown {
  if (typeof value === "number") return measured(value, 0, 1_000_000);
  return typeof value === "string" && /^[0-9]{1,5}(?:\.[0-9]{1,6})?px$/.test(value) ? value : undefined;
}

function rebuildCount(value: unknown): string | undefined {
  return /^-?[0-9]{1,3}$/.test(String(value)) ? String(value) : undefined;
}

function rebuildLength(value: unknown): string | undefined {
  return /^[0-9]{1,5}(?:\.[0-9]{1,3})?(?:px|%|em|rem)?$/.test(String(value)) ? String(value) : undefined;
}

/** Changes of single properties: `false` removes, a pair is a value and its priority. */
function rebuildStyleChanges(guard: Guard, changes: unknown): Record<string, unknown> {
  const kept: Record<string, unknown> = {};
  for (const [property, change] of Object.entries(fields(changes))) {
    const [value, priority] = Array.isArray(change) ? list(change) : [change, ""];
    const rebuilt = rebuildDeclaration(guard, property, value === false ? "none" : value);
    if (rebuilt === undefined) continue;
    kept[property] = value === false ? false : [rebuilt.value, priority === "important" ? "important" : ""];
  }
  return kept;
}
