/** Leaves out of a build what Sentry's SDK does for items that the guard never sends. */
import { asNode, nodes, type Node } from "./tree.js";

/** Sentry's modules for logs, metrics, sessions, spans that are sent by themselves one by one, and links to earlier traces. */
const UNSENT = /\/@sentry\/(?:core|browser)\/build\/.*\/(?:(?:logs|metrics)\/internal|esm\/session|extractGenAiSpans|hasSpanStreamingEnabled|linkedTraces)\.js$/;

export function isUnsent(id: string): boolean {
  return UNSENT.test(id);
}

/** `code` with functions that do nothing: they give `undefined`, which says that there is none. Lines stay where they are. */
export function withoutBodies(code: string, program: Node): string {
  return nodes(program.body)
    .filter(({ type }) => type === "FunctionDeclaration")
    .map(({ body }) => asNode(body))
    .filter((body) => body !== undefined)
    .reduceRight((changed, { start, end }) => {
      const [from, to] = [Number(start), Number(end)];
      return `${changed.slice(0, from)}{${code.slice(from, to).replace(/[^\n]/g, "")}}${changed.slice(to)}`;
    }, code);
}
