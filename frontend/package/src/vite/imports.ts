/** Changes how a module imports this package: with the facts of the build beside it, and without the recording where that is off. */
import { asNode, calleeName, children, keyOf, nameOf, nodes, stringOf, type Node } from "./tree.js";

const PACKAGE = "@pazpaz/otel-browser";

const WITHOUT_REPLAY = `${PACKAGE}/without-replay`;

/** `code` with the import of the facts, where it imports what starts Sentry; at its end, so that positions stay. */
export function withFacts(code: string, program: Node, facts: string): string {
  const starts = imports(program).some((source) => source === PACKAGE || (stringStarts(source) && !source.endsWith("/vite")));
  return starts ? `${code}\n;import ${JSON.stringify(facts)};` : code;
}

/** `code` with the entry that has no recording in it, where every call of `initSentry` in it says `replay: false`. */
export function withoutReplay(code: string, program: Node): string {
  const declarations = nodes(program.body).filter((statement) => statement.type === "ImportDeclaration" && stringOf(statement.source) === PACKAGE);
  const started = declarations.flatMap((declaration) => nodes(declaration.specifiers)).find((specifier) => nameOf(specifier.imported) === "initSentry");
  const uses = started === undefined ? [] : usesOf(program, nameOf(started.local));
  if (uses.length === 0 || !uses.every(isOff)) return code;
  return declarations
    .map((declaration) => asNode(declaration.source))
    .filter((source) => source !== undefined)
    .reverse()
    .reduce((changed, { start, end }) => `${changed.slice(0, Number(start))}${JSON.stringify(WITHOUT_REPLAY)}${changed.slice(Number(end))}`, code);
}

/** The places where `name` is used: calls, and whatever else hands it on. */
function usesOf(node: Node, name: string): Node[] {
  if (node.type === "ImportDeclaration") return [];
  if (node.type === "CallExpression" && nameOf(node.callee) === name) return [node, ...nodes(node.arguments).flatMap((argument) => usesOf(argument, name))];
  if (nameOf(node) === name) return [node];
  return children(node).flatMap((child) => usesOf(child, name));
}

function isOff(use: Node): boolean {
  if (use.type !== "CallExpression" || calleeName(use) === "") return false;
  const options = nodes(use.arguments).at(-1);
  const replay = options?.type === "ObjectExpression" ? nodes(options.properties).find((property) => keyOf(property) === "replay") : undefined;
  const spreads = options?.type === "ObjectExpression" && nodes(options.properties).some(({ type }) => type === "SpreadElement");
  return !spreads && asNode(replay?.value)?.value === false;
}

function imports(program: Node): string[] {
  return nodes(program.body).map(({ source }) => stringOf(source) ?? "");
}

function stringStarts(source: string): boolean {
  return source.startsWith(`${PACKAGE}/`);
}
