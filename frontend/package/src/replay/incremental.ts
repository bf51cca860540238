/** Changes of a recorded document, made anew. The numbers are rrweb's `IncrementalSource`. */
import type { Guard } from "../guard.js";
import { fields, list, measured, present, whole, type Fields } from "../reading.js";
import { rebuildDeclaration, rebuildSheet } from "./css.js";
import { maskText, nodeId, rebuildAttributes, rebuildNode } from "./nodes.js";

/** A change by its source, or `undefined`: canvases, media, fonts, logs, selections and unknown ones don't leave. */
export function rebuildIncremental(guard: Guard, data: unknown): Fields | undefined {
  const source = fields(data);
  switch (source.source) {
    case 0:
      return rebuildMutation(guard, source);
    case 1:
    case 6:
    case 12:
      return { source: source.source, positions: list(source.positions).map(rebuildPosition) };
    case 2:
      return present({
        source: 2,
        type: whole(source.type, 0, 10),
        id: nodeId(source.id),
        x: measured(source.x),
        y: measured(source.y),
        pointerType: whole(source.pointerType, 0, 2),
      });
    case 3:
      return present({ source: 3, id: nodeId(source.id), x: measured(source.x, 0, 10_000_000), y: measured(source.y, 0, 10_000_000) });
    case 4:
      return present({ source: 4, width: measured(source.width), height: measured(source.height) });
    case 5:
      // What is ticked is an answer as much as what is typed.
      return present({ source: 5, id: nodeId(source.id), text: maskText(source.text), isChecked: false });
    case 8:
      return rebuildStyleSheetRule(guard, source);
    case 13:
      return rebuildStyleDeclaration(guard, source);
    case 15:
      return rebuildAdoptedStyleSheet(guard, source);
    default:
      return undefined;
  }
}

function rebuildMutation(guard: Guard, source: Fields): Fields {
  return present({
    source: 0,
    texts: list(source.texts).map((text) => present({ id: nodeId(fields(text).id), value: maskText(fields(text).value) })),
    attributes: list(source.attributes).map((change) =>
      present({ id: nodeId(fields(change).id), attributes: rebuildAttributes(guard, fields(change).attributes) }),
    ),
    removes: list(source.removes).map((removed) => {
      const { id, parentId, isShadow } = fields(removed);
      return present({ id: nodeId(id), parentId: nodeId(parentId), isShadow: isShadow === true ? true : undefined });
    }),
    adds: list(source.adds).flatMap((added) => {
      const { parentId, nextId, previousId, node } = fields(added);
      const rebuilt = rebuildNode(guard, node);
      if (rebuilt === undefined) return [];
      // `null` says that there is no neighbour, which isn't the same as an absent one.
      const neighbour = (id: unknown): number | null => nodeId(id) ?? null;
      return [{ ...present({ parentId: nodeId(parentId), previousId: nodeId(previousId) }), nextId: neighbour(nextId), node: rebuilt }];
    }),
    isAttachIframe: source.isAttachIframe === true ? true : undefined,
  });
}

function rebuildPosition(position: unknown): Fields {
  const { x, y, id, timeOffset } = fields(position);
  return present({ x: measured(x), y: measured(y), id: nodeId(id), timeOffset: measured(timeOffset) });
}

function rebuildStyleSheetRule(guard: Guard, source: Fields): Fields {
  return present({
    source: 8,
    id: nodeId(source.id),
    styleId: nodeId(source.styleId),
    removes: Array.isArray(source.removes)
      ? source.removes.flatMap((removed) => {
          const index = rebuildIndex(fields(removed).index);
          return index === undefined ? [] : [{ index }];
        })
      : undefined,
    adds: Array.isArray(source.adds) ? rebuildRules(guard, source.adds) : undefined,
    replace: source.replace === undefined ? undefined : rebuildSheet(guard, source.replace),
    replaceSync: source.replaceSync === undefined ? undefined : rebuildSheet(guard, source.replaceSync),
  });
}

function rebuildStyleDeclaration(guard: Guard, source: Fields): Fields {
  const { property, value, priority } = fields(source.set);
  const set = rebuildDeclaration(guard, property, value);
  const removed = rebuildDeclaration(guard, fields(source.remove).property, "none");
  return present({
    source: 13,
    id: nodeId(source.id),
    styleId: nodeId(source.styleId),
    index: rebuildIndex(source.index),
    set: set === undefined ? undefined : present({ ...set, priority: priority === "important" ? "important" : undefined }),
    remove: removed === undefined ? undefined : { property: removed.property },
  });
}

function rebuildAdoptedStyleSheet(guard: Guard, source: Fields): Fields {
  return present({
    source: 15,
    id: nodeId(source.id),
    styleIds: list(source.styleIds).map(nodeId).filter((id) => id !== undefined),
    styles: Array.isArray(source.styles)
      ? source.styles.map((style) =>
          present({ styleId: nodeId(fields(style).styleId), rules: rebuildRules(guard, fields(style).rules) }),
        )
      : undefined,
  });
}

/** Rules with their places; a rule that isn't proven becomes an empty one, so that the places of the others hold. */
function rebuildRules(guard: Guard, rules: unknown): Fields[] {
  return list(rules).map((added) => {
    const { rule, index } = fields(added);
    return present({ rule: rebuildSheet(guard, rule) || "a { }", index: rebuildIndex(index) });
  });
}

function rebuildIndex(index: unknown): number | number[] | undefined {
  if (!Array.isArray(index)) return whole(index, 0, 100_000);
  const places = index.map((place) => whole(place, 0, 100_000));
  return places.every((place) => place !== undefined) ? places : undefined;
}
