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

function rebuildMutation(recording: Recording, source: Fields): Fields | undefined {
  const { book } = recording;
  const removes = list(source.removes).flatMap((removed) => {
    const { id, parentId, isShadow } = fields(removed);
    const parent = nodeId(parentId);
    const shown = parent !== undefined && book.isOpen(parent);
    if (typeof id === "number") book.remove(id);
    return shown ? [present({ id: nodeId(id), parentId: parent, isShadow: isShadow === true ? true : undefined })] : [];
  });
  const adds = list(source.adds).flatMap((added) => {
    const { parentId, nextId, previousId, node } = fields(added);
    const parent = nodeId(parentId);
    const rebuilt = rebuildNode(recording, node, parent ?? 0);
    if (rebuilt === undefined || parent === undefined || !book.isOpen(parent)) return [];
    // `null` says that there is no neighbour, which isn't the same as an absent one.
    const neighbour = (id: unknown): number | null => nodeId(id) ?? null;
    return [{ ...present({ parentId: parent, previousId: nodeId(previousId) }), nextId: neighbour(nextId), node: rebuilt }];
  });
  const attributes = list(source.attributes).flatMap((change) => {
    const { id, attributes: changed } = fields(change);
    const element = nodeId(id);
    if (element === undefined || !book.isOpen(element)) return [];
    book.change(element, fields(changed));
    const kept = rebuildChanges(recording, element, fields(changed));
    return kept === undefined ? [] : [{ id: element, attributes: kept }];
  });
  const texts = list(source.texts).flatMap((text) => {
    const { id, value } = fields(text);
    const node = nodeId(id);
    return node !== undefined && book.isOpen(node) ? [{ id: node, value: maskText(value) }] : [];
  });
  if (texts.length + attributes.length + removes.length + adds.length === 0) return undefined;
  return present({ source: 0, texts, attributes, removes, adds, isAttachIframe: source.isAttachIframe === true ? true : undefined });
}
