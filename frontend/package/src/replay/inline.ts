/** An element's own style, made anew of the layout's keywords alone. */
import { fields, list } from "../reading.js";
import { isLayout } from "./platform.js";

/** A `style` attribute, or the changes of single properties. */
export function rebuildInline(value: unknown): unknown {
  if (typeof value === "object" && value !== null) return rebuildChanges(value);
  if (typeof value !== "string") return undefined;
  const declarations = value.replace(/\/\*[^]*?(?:\*\/|$)/g, "").slice(0, 20_000).split(";").map((text) => text.trim());
  return declarations.filter(isLayout).map((text) => `${text};`).join(" ");
}

/** Changes of single properties: `false` removes, a pair is a value and its priority. */
function rebuildChanges(changes: object): Record<string, unknown> {
  const kept: Record<string, unknown> = {};
  for (const [property, change] of Object.entries(fields(changes))) {
    const [value, priority] = Array.isArray(change) ? list(change) : [change, ""];
    if (value === false && isLayout(`${property}: inherit`)) kept[property] = false;
    else if (isLayout(`${property}: ${String(value)}`)) kept[property] = [value, priority === "important" ? "important" : ""];
  }
  return kept;
}
