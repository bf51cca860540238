/**
 * The recorded document's nodes, as far as it takes to judge what a finger on one of them would tell.
 *
 * A click says which element was meant: of a questionnaire, a keypad or a list that is the answer itself. So an
 * interaction within a choice, a drawing or a marked area doesn't leave, and one on an element among its like leaves as
 * one on what holds them all.
 */
import { fields, type Fields } from "../reading.js";

/** Elements in which a position or a choice is the answer. */
const CHOICES = new Set(["canvas", "svg", "select", "option", "optgroup", "datalist", "map", "area", "progress", "meter", "video", "audio"]);

/** Kinds of inputs that are chosen, not written. */
const CHOSEN = new Set(["radio", "checkbox", "range", "color", "date", "datetime-local", "month", "time", "week", "image"]);

const CHOICE_ROLES = new Set("radio radiogroup checkbox switch slider option listbox spinbutton menuitemradio menuitemcheckbox gridcell treeitem".split(" "));

const CHOICE_STATES = ["aria-checked", "aria-pressed", "aria-selected", "aria-valuenow", "aria-activedescendant"];

/** Attributes and classes that mark an area as private: ours, and those of Sentry's recording. */
const MARKS = ["data-pazpaz-private", "data-sentry-block", "data-sentry-mask", "data-sentry-ignore"];

const MARKED_CLASS = /(?:^|\s)sentry-(?:block|mask|ignore)(?:\s|$)/;

/** Elements of which several beside each other are a choice: from this many on. */
const LIKE = 3;

/** Elements that only hold others: two of them are alike where they share a class, or have none. */
const HOLDERS = new Set(["div", "ul", "ol", "dl", "table", "tbody", "tr", "g"]);

/** How many elements around the one that was meant may be one among its like. */
const LEVELS = 3;

/** Elements whose number and place are the page's structure, not a choice; fields that are written in are among them. */
const STRUCTURE = new Set(["html", "body", "main", "section", "article", "nav", "header", "footer", "aside", "form", "fieldset", "h1", "h2", "h3", "input", "textarea"]);

interface Entry {
  readonly parent: number;
  readonly tag: string;
  readonly isPrivate: boolean;
  readonly labels: string | undefined;
  readonly classes: string;
  /** Whether a choice stands inside, as in its label. */
  holdsChoice: boolean;
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
  readonly #named = new Map<string, number>();

  /** Forgets everything: a new snapshot holds the whole document. */
  clear(): void {
    this.#entries.clear();
    this.#named.clear();
  }

  /** Notes an element with its attributes as they were recorded, before they are made anew. */
  add(id: number, parent: number, tag: string, attributes: Fields): void {
    const isPrivate = isChoice(tag, attributes);
    const labels = tag === "label" && typeof attributes.for === "string" ? attributes.for : undefined;
    const classes = typeof attributes.class === "string" ? attributes.class : "";
    this.#entries.set(id, { parent, tag, isPrivate, labels, classes, holdsChoice: false, isStyled: false });
    if (typeof attributes.id === "string" && /^(?:input|select|textarea)$/.test(tag)) this.#named.set(attributes.id, id);
    if (isPrivate) this.#markLabels(parent);
  }

  /** Notes a text: a key of a keypad has a letter or two. `masked` is as long as the text was. */
  addText(id: number, parent: number, masked: unknown): void {
    this.#entries.set(id, { parent, tag: "#text", isPrivate: false, labels: undefined, classes: "", holdsChoice: false, isStyled: false });
    const entry = this.#entries.get(parent);
    if (entry === undefined || typeof masked !== "string" || entry.isPrivate) return;
    const length = masked.trim().length;
    if (length === 0 || length > 2 || STRUCTURE.has(entry.tag) || entry.tag === "label") return;
    this.#entries.set(parent, { ...entry, isPrivate: true });
  }

  /** Takes note of attributes that changed: an element can become a choice later. */
  change(id: number, attributes: Fields): void {
    const entry = this.#entries.get(id);
    if (entry !== undefined && !entry.isPrivate && isChoice(entry.tag, attributes)) this.#entries.set(id, { ...entry, isPrivate: true });
  }

  /** Whether an element's own style is news: one of which nothing leaves is where one left before. */
  isNewStyle(id: number, style: unknown): boolean {
    const entry = this.#entries.get(id);
    if (entry === undefined || style === undefined) return false;
    const wasStyled = entry.isStyled;
    if (typeof style === "string") entry.isStyled = style !== "";
    else if (!isEmpty(style)) entry.isStyled = true;
    return typeof style === "string" ? style !== "" || wasStyled : !isEmpty(style);
  }

  /** Forgets a node that was removed; what was inside can't be reached any more. */
  remove(id: number): void {
    this.#entries.delete(id);
  }

  /** Whether a node is known, and neither it nor anything around it is private. */
  isOpen(id: number): boolean {
    return this.#path(id)?.every((entry) => !entry.isPrivate) === true;
  }

  /** The element that an interaction may leave for; `undefined` where it may not leave. */
  target(id: number): Target | undefined {
    const path = this.#path(id);
    if (path === undefined || path.some((entry) => entry.isPrivate) || path.slice(0, LEVELS).some((entry) => this.#isChoiceLabel(entry))) return undefined;
    let raised: number | undefined;
    for (const entry of path.slice(0, LEVELS)) if (this.#isOneOfMany(entry)) raised = entry.parent;
    if (raised !== undefined) return { id: raised, exact: false };
    return { id, exact: /^(?:a|button|input|textarea)$/.test(path[0]?.tag ?? "") };
  }

  /** The element and those around it, outwards; `undefined` where one of them isn't known. */
  #path(id: number): Entry[] | undefined {
    const path: Entry[] = [];
    let entry = this.#entries.get(id);
    while (entry !== undefined && path.length < 1024) {
      path.push(entry);
      if (entry.tag === "#document") return path;
      entry = this.#entries.get(entry.parent);
    }
    return undefined;
  }

  #isChoiceLabel(entry: Entry): boolean {
    const labelled = entry.labels === undefined ? undefined : this.#named.get(entry.labels);
    return entry.holdsChoice || (labelled !== undefined && this.#entries.get(labelled)?.isPrivate === true);
  }

  #isOneOfMany(entry: Entry): boolean {
    if (STRUCTURE.has(entry.tag)) return false;
    let like = 0;
    for (const other of this.#entries.values()) {
      if (other.parent !== entry.parent || other.tag !== entry.tag) continue;
      like += 1;
      if (like >= LIKE || (other !== entry && (!HOLDERS.has(entry.tag) || shareClass(entry.classes, other.classes)))) return true;
    }
    return false;
  }

  /** A choice's label is what is clicked: the elements around it, up to the next part of the page's structure. */
  #markLabels(from: number): void {
    let entry = this.#entries.get(from);
    for (let level = 0; entry !== undefined && level < LEVELS && !STRUCTURE.has(entry.tag); level += 1) {
      if (entry.tag === "label") entry.holdsChoice = true;
      entry = this.#entries.get(entry.parent);
    }
  }
}

function isEmpty(changes: unknown): boolean {
  return Object.keys(fields(changes)).length === 0;
}

/** Whether two elements have a class in common, or neither has any. */
function shareClass(classes: string, others: string): boolean {
  if (classes === "" || others === "") return classes === others;
  return others.split(/\s+/).some((name) => ` ${classes} `.includes(` ${name} `));
}

function isChoice(tag: string, attributes: Fields): boolean {
  if (CHOICES.has(tag) || MARKS.some((mark) => mark in attributes)) return true;
  const { type, role, class: names } = attributes;
  if (tag === "input" && CHOSEN.has(String(type).toLowerCase())) return true;
  if (typeof role === "string" && role.split(/\s+/).some((one) => CHOICE_ROLES.has(one))) return true;
  if (typeof names === "string" && MARKED_CLASS.test(names)) return true;
  return CHOICE_STATES.some((state) => state in attributes);
}
