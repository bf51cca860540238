/** What of the collected facts goes into the page, and in which form. */
import { gzipSync } from "node:zlib";
import { classNames } from "../class-names.js";
import { fingerprint } from "../facts.js";
import type { Collected } from "./collect.js";
import { settle } from "./messages.js";

/** The share of the application's own size, compressed, that the facts may have. */
const SHARE = 0.01;

/**
 * What they may have at any rate, in bytes: a small application has names, too. With the list of files it is a hundredth
 * of Vue, its router and Sentry.
 */
const LEAST = 640;

/** A page's facts: lists as lines. */
export type Written = Record<string, string | boolean>;

/**
 * The facts of a build. Texts are there as fingerprints; names as far as there is room, those first that the source
 * uses most.
 *
 * @param source - The application's own modules, by which the room is measured.
 */
export function buildFacts(collected: Collected, source: Iterable<string>): Written {
  const { texts, templates } = settle(collected.messages);
  const proofs: Written = {
    fingerprints: sorted(texts).map(fingerprint).join(""),
    templates: lines(templates),
    routes: lines(collected.routes),
    pages: lines(collected.pages),
  };
  const members = [...collected.members].sort(([a, often], [b, oftener]) => oftener - often || (a < b ? -1 : 1)).map(([name]) => name);
  const names = [...new Set([...sorted(collected.names), ...members])];
  const room = Math.max(LEAST, SHARE * sizeOf([...source].join("\n").replace(/\s+/g, " ")));
  let [fits, over] = [Math.min(collected.names.size, names.length), names.length + 1];
  while (over - fits > 1) {
    const middle = (fits + over) >> 1;
    if (sizeOf(JSON.stringify({ ...proofs, names: lines(names.slice(0, middle)) })) <= room) fits = middle;
    else over = middle;
  }
  return { ...proofs, names: lines(names.slice(0, fits)) };
}

/** The facts of a module that a development server hands out: all of them, readable. */
export function moduleFacts(collected: Collected): Written {
  const { texts, templates } = settle(collected.messages);
  for (const exported of collected.messages.constants.values()) for (const text of exported) texts.add(text);
  return {
    messages: lines(texts),
    templates: lines(templates),
    names: lines([...collected.names, ...collected.functions, ...collected.members.keys()]),
    routes: lines(collected.routes),
    pages: lines(collected.pages),
    states: lines(collected.words),
  };
}

/** The class names of style sheets that the source chooses or puts together at run time. */
export function statesOf(collected: Collected, styleSheets: Iterable<string>): string[] {
  const states = new Set<string>();
  for (const css of styleSheets) {
    for (const name of classNames(css)) {
      if (collected.words.has(name) || [...collected.prefixes].some((prefix) => name.startsWith(prefix))) states.add(name);
    }
  }
  return sorted(states);
}

function sizeOf(text: string): number {
  return gzipSync(text).length;
}

function lines(texts: Iterable<string>): string {
  return sorted(texts).filter((text) => !text.includes("\n")).join("\n");
}

function sorted(texts: Iterable<string>): string[] {
  return [...texts].sort();
}
