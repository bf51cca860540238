/** What the book has of one node, and what the nodes inside say of it. */
import { isControl } from "./choices.js";

/** Nodes of a mark, as a tick in a box with its own wrappers. */
const MARK = 8;

export interface Entry {
  readonly id: number;
  /** The number that it left under; 0 where it didn't. A gap in the recorder's own would tell what was left out. */
  shown: number;
  readonly parent: Entry | undefined;
  readonly tag: string;
  readonly classes: string;
  labels: string | undefined;
  /** One list is shared by all that have none: it is never added to. */
  children: Entry[];
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

/** Whether an element, with all that is inside, is as small as a mark. */
export function isSmall(entry: Entry): boolean {
  return sizeOf(entry, MARK) <= MARK;
}

/** How many nodes an element and all that is inside are, counted up to `most`. */
export function sizeOf(entry: Entry, most: number): number {
  let size = 1;
  for (const child of entry.children) {
    if (size > most) return size;
    size += sizeOf(child, most - size);
  }
  return size;
}

/** Whether an element holds more of a text than a tick has. */
export function holdsText(entry: Entry): boolean {
  return !entry.isKey && entry.children.some((child) => child.tag === "#text" || holdsText(child));
}

/** Whether an element isn't pressed as a whole, for something inside is. */
export function holdsControl(entry: Entry): boolean {
  return entry.children.some((child) => isControl(child.tag) || holdsControl(child));
}
