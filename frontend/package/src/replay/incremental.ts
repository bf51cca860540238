/** Changes of a recorded document, made anew. The numbers are rrweb's `IncrementalSource`. */
import { fields, list, measured, present, whole, type Fields } from "../reading.js";
import { maskText, nodeId, rebuildChanges, rebuildNode, type Recording } from "./nodes.js";

/**
 * A change by its source, or `undefined`.
 *
 * Paths of the pointer don't leave: drawn on a canvas they are a signature, held over a list they are a choice. Nor do
 * changes of style sheets, canvases, media, fonts, logs, selections and unknown ones.
 */
export function rebuildIncremental(recording: Recording, data: Fields): Fields | undefined {
  switch (data.source) {
    case 0:
      return rebuildMutation(recording, data);
    case 2:
      return rebuildInteraction(recording, data);
    case 3: {
      const id = nodeId(data.id);
      if (id === undefined || !recording.book.isOpen(id)) return undefined;
      return present({ source: 3, id, x: measured(data.x, 0, 10_000_000), y: measured(data.y, 0, 10_000_000) });
    }
    case 4:
      return present({ source: 4, width: measured(data.width), height: measured(data.height) });
    case 5: {
      const id = nodeId(data.id);
      // Of what is chosen, and not written, that it was chosen is the answer.
      if (id === undefined || !recording.book.isOpen(id)) return undefined;
      return { source: 5, id, text: maskText(data.text), isChecked: false };
    }
    default:
      return undefined;
  }
}

function rebuildInteraction({ book }: Recording, data: Fields): Fields | undefined {
  const id = nodeId(data.id);
  const target = id === undefined ? undefined : book.target(id);
  if (target === undefined) return undefined;
  const place = target.exact ? { x: measured(data.x), y: measured(data.y) } : {};
  return present({ source: 2, type: whole(data.type, 0, 10), id: target.id, ...place, pointerType: whole(data.pointerType, 0, 2) });
}

function rebuildMutation(recording: Recording, source: Fields): Fields {
  const { book, guard } = recording;
  const removes = list(source.removes).map((removed) => {
    const { id, parentId, isShadow } = fields(removed);
    if (typeof id === "number") book.remove(id);
    return present({ id: nodeId(id), parentId: nodeId(parentId), isShadow: isShadow === true ? true : undefined });
  });
  const adds = list(source.adds).flatMap((added) => {
    const { parentId, nextId, previousId, node } = fields(added);
    const rebuilt = rebuildNode(recording, node, nodeId(parentId) ?? 0);
    if (rebuilt === undefined) return [];
    // `null` says that there is no neighbour, which isn't the same as an absent one.
    const neighbour = (id: unknown): number | null => nodeId(id) ?? null;
    return [{ ...present({ parentId: nodeId(parentId), previousId: nodeId(previousId) }), nextId: neighbour(nextId), node: rebuilt }];
  });
  const attributes = list(source.attributes).map((change) => {
    const { id, attributes: changed } = fields(change);
    if (typeof id === "number") book.change(id, fields(changed));
    return present({ id: nodeId(id), attributes: rebuildChanges(guard, fields(changed)) });
  });
  return present({
    source: 0,
    texts: list(source.texts).map((text) => present({ id: nodeId(fields(text).id), value: maskText(fields(text).value) })),
    attributes,
    removes,
    adds,
    isAttachIframe: source.isAttachIframe === true ? true : undefined,
  });
}
