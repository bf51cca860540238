/** Reads nodes of an ESTree, of whichever parser. */

/** A node of a syntax tree. */
export interface Node {
  readonly type: string;
  readonly [key: string]: unknown;
}

/** What stands for a value in a template whose expression isn't a plain name. */
const ANYTHING = "{…}";

/** A value where it is a node; one in parentheses or with a type beside it is what it stands for. */
export function asNode(value: unknown): Node | undefined {
  if (typeof value !== "object" || value === null || typeof (value as Node).type !== "string") return undefined;
  const node = value as Node;
  return /^(?:ParenthesizedExpression|TS(?:As|Satisfies|NonNull)Expression|ChainExpression)$/.test(node.type) ? asNode(node.expression) : node;
}

export function nodes(value: unknown): Node[] {
  return Array.isArray(value) ? value.map(asNode).filter((node) => node !== undefined) : [];
}

export function children(node: Node): Node[] {
  return Object.values(node).flatMap((value) => (Array.isArray(value) ? nodes(value) : (asNode(value) ?? [])));
}

/** The name of an identifier. */
export function nameOf(node: unknown): string {
  const source = asNode(node);
  return (source?.type === "Identifier" || source?.type === "PrivateIdentifier") && typeof source.name === "string" ? source.name : "";
}

/** The text of a string literal. */
export function stringOf(node: unknown): string | undefined {
  const source = asNode(node);
  return source?.type === "Literal" && typeof source.value === "string" ? source.value : undefined;
}

/** The name of a property, whether it is written as a name or as a text. */
export function keyOf(property: Node): string {
  return property.computed === true ? "" : (stringOf(property.key) ?? nameOf(property.key));
}

/** `a.b.c`, where an expression is only that. */
export function dottedName(node: unknown): string {
  const source = asNode(node);
  if (source?.type === "ThisExpression") return "this";
  if (source?.type !== "MemberExpression") return nameOf(source);
  const [object, property] = [dottedName(source.object), source.computed === true ? (stringOf(source.property) ?? "") : nameOf(source.property)];
  return object !== "" && /^[\w$]+$/.test(property) ? `${object}.${property}` : "";
}

export function calleeName(call: Node): string {
  const callee = asNode(call.callee);
  return callee?.type === "MemberExpression" && callee.computed !== true ? nameOf(callee.property) : nameOf(callee);
}

export function quasis(template: Node): string[] {
  return nodes(template.quasis).map((quasi) => (quasi.value as { cooked?: string }).cooked ?? "");
}

/** A text without any part that isn't in the source. */
export function constant(node: Node | undefined): string | undefined {
  if (node === undefined) return undefined;
  if (node.type === "BinaryExpression" && node.operator === "+") {
    const [left, right] = [constant(asNode(node.left)), constant(asNode(node.right))];
    return left === undefined || right === undefined ? undefined : left + right;
  }
  if (node.type === "TemplateLiteral") return nodes(node.expressions).length === 0 ? quasis(node).join("") : undefined;
  return stringOf(node);
}

/** A composed text as its template, `no slot for {name}`; `undefined` where hardly anything of it is in the source. */
export function template(node: Node): string | undefined {
  if (node.type !== "TemplateLiteral" && !(node.type === "BinaryExpression" && node.operator === "+")) return undefined;
  const pieces = composed(node);
  const constants = pieces.filter((piece) => typeof piece === "string").join("");
  if (pieces.every((piece) => typeof piece === "string") || /[{}]/.test(constants) || !/\p{L}.*\p{L}.*\p{L}/su.test(constants)) return undefined;
  return pieces.map((piece) => (typeof piece === "string" ? piece : hole(piece))).join("");
}

/** The constant pieces of a composed text, and the nodes of what is put in between. */
function composed(node: Node): (string | Node)[] {
  const whole = constant(node);
  if (whole !== undefined) return [whole];
  if (node.type === "TemplateLiteral") {
    const put = nodes(node.expressions);
    return quasis(node).flatMap((quasi, index) => [quasi, ...(put[index] === undefined ? [] : composedOrNode(put[index]))]);
  }
  if (node.type === "BinaryExpression" && node.operator === "+") {
    return [asNode(node.left), asNode(node.right)].flatMap((side) => (side === undefined ? [] : composedOrNode(side)));
  }
  return [node];
}

function composedOrNode(node: Node): (string | Node)[] {
  return node.type === "TemplateLiteral" || node.type === "BinaryExpression" ? composed(node) : (constant(node) === undefined ? [node] : [constant(node) ?? ""]);
}

function hole(node: Node): string {
  const name = dottedName(node).replace(/^this\./, "").replace(/\.value$/, "");
  return name === "" || name.length > 60 ? ANYTHING : `{${name}}`;
}
