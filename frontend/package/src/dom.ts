/** Elements that are a page's structure: which of them something lies in is no answer to a question. */
export const STRUCTURE: ReadonlySet<string> = new Set("html body main nav header footer aside form fieldset dialog".split(" "));

/**
 * Sentry's description of an element, `main > form > button#save[title="…"]`, as the page's structure around it.
 *
 * The element's own name, its classes and its place may be those of one answer among several.
 */
export function rebuildSelector(selector: unknown): string | undefined {
  if (typeof selector !== "string") return undefined;
  const tags = selector.slice(0, 2048).replace(/\[[^\]]*\]?/g, "").split(" > ").map((part) => part.trim().split(/[.#]/, 1)[0] ?? "");
  return tags.filter((tag) => STRUCTURE.has(tag)).join(" > ") || undefined;
}
