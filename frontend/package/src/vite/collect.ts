/** Reads from a module's syntax tree what its source proves: messages, names, paths, and the class names that it chooses at run time. */
import { collectMessages, noMessages, type Messages } from "./messages.js";
import { asNode, calleeName, children, constant, keyOf, nameOf, nodes, quasis, stringOf, type Node } from "./tree.js";

export type { Node } from "./tree.js";

/** What modules prove together. */
export interface Collected {
  readonly messages: Messages;
  /** Names that errors, components and classes have at run time. */
  readonly names: Set<string>;
  /** Names of members, and how often the source uses them. */
  readonly members: Map<string, number>;
  /** Names of functions and variables, which a minifier changes. */
  readonly functions: Set<string>;
  /** Absolute paths, with `{}` for what is put in. */
  readonly routes: Set<string>;
  /** Paths of router records. */
  readonly pages: Set<string>;
  /** Words of texts other than constant `class` attributes: class names among them tell a state. */
  readonly words: Set<string>;
  /** Beginnings of words that the source puts together. */
  readonly prefixes: Set<string>;
}

export function emptyCollection(): Collected {
  return {
    messages: noMessages(),
    names: new Set(),
    members: new Map(),
    functions: new Set(),
    routes: new Set(),
    pages: new Set(),
    words: new Set(),
    prefixes: new Set(),
  };
}

/**
 * Adds what the module `program` proves.
 *
 * @param isOfMachine - Whether a text is a path of the machine that builds, which nobody else must read.
 */
export function collectModule(program: Node, into: Collected, isOfMachine: (text: string) => boolean = () => false): void {
  collectMessages(program, into.messages);
  visit(program, into, isOfMachine);
}

/** Adds the router records' paths of a module that isn't the application's own source, as of one that lists its files. */
export function collectPages(program: Node, into: Pick<Collected, "pages">): void {
  if (program.type === "Property") addPage(program, into);
  for (const child of children(program)) collectPages(child, into);
}

function visit(node: Node, into: Collected, isOfMachine: (text: string) => boolean): void {
  if (/^(?:Import|Export\w*)Declaration$/.test(node.type) && asNode(node.source) !== undefined) return;
  collectNames(node, into);
  if (node.type === "Property") addPage(node, into);
  collectPath(node, into, isOfMachine);
  collectWords(node, into);
  for (const child of visited(node)) visit(child, into, isOfMachine);
}

/** The nodes inside that prove something: not what is imported, nor a class attribute that never changes, nor an element's name. */
function visited(node: Node): Node[] {
  if (node.type === "ImportExpression") return nodes([node.options]);
  if (node.type === "NewExpression" && nameOf(node.callee) === "URL" && nodes(node.arguments)[1]?.type === "MemberExpression") return [];
  if (node.type === "Property" && /^(?:class|className|staticClass|__file|__name|key)$/.test(keyOf(node)) && constant(asNode(node.value)) !== undefined) return [];
  if (node.type === "Property" && node.computed !== true) return nodes([node.value]);
  if (node.type === "ArrayExpression" && stringOf(nodes(node.elements)[0]) === "__file") return [];
  if (node.type === "CallExpression" && /resolve(?:Dynamic)?(?:Component|Directive)$/.test(calleeName(node))) return [];
  if (node.type === "CallExpression" && /createElement(?:VNode|Block)?$|^h$|^jsxs?$/.test(calleeName(node))) {
    const [first, ...rest] = nodes(node.arguments);
    return nodes([node.callee, ...(stringOf(first) === undefined ? [first] : []), ...rest]);
  }
  if (node.type === "CallExpression" && /normalizeClass$/.test(calleeName(node))) {
    const [argument] = nodes(node.arguments);
    const changing = argument?.type === "ArrayExpression" ? nodes(argument.elements).filter((element) => constant(element) === undefined) : nodes([argument]).filter((one) => constant(one) === undefined);
    return changing;
  }
  return children(node);
}

function collectNames(node: Node, into: Collected): void {
  switch (node.type) {
    case "ClassDeclaration":
    case "ClassExpression":
      addName(into.names, nameOf(node.id));
      return;
    case "FunctionDeclaration":
    case "FunctionExpression":
    case "VariableDeclarator":
      addName(into.functions, nameOf(node.id));
      return;
    case "MemberExpression":
      if (node.computed !== true) addMember(into, nameOf(node.property));
      return;
    case "Property":
    case "MethodDefinition":
    case "PropertyDefinition":
      addMember(into, keyOf(node));
      if (/^(?:__name|name)$/.test(keyOf(node))) addName(into.names, stringOf(node.value) ?? "");
      return;
    case "AssignmentExpression":
      if (nameOf(asNode(node.left)?.property) === "name") addName(into.names, stringOf(node.right) ?? "");
  }
}

function addPage(property: Node, into: Pick<Collected, "pages">): void {
  if (!/^(?:path|alias|redirect)$/.test(keyOf(property))) return;
  const value = asNode(property.value);
  for (const path of value?.type === "ArrayExpression" ? nodes(value.elements) : nodes([value])) {
    const text = constant(path);
    if (text !== undefined && text.length <= 300 && !/[\s"`]/.test(text)) into.pages.add(text);
  }
}

function collectPath(node: Node, into: Collected, isOfMachine: (text: string) => boolean): void {
  const path = pathOf(node)?.split(/[?#]/, 1)[0];
  if (path === undefined || !/^(?:\{\})?\/[\p{L}\p{N}_/{}.~:()|\\+*-]{1,200}$/u.test(path) || path.startsWith("//")) return;
  if (!isOfMachine(path)) into.routes.add(path);
}

/** A path as the source builds it, with `{}` for what is put in. */
function pathOf(node: unknown): string | undefined {
  const source = asNode(node);
  if (source === undefined) return undefined;
  if (source.type === "TemplateLiteral") return quasis(source).join("{}");
  if (source.type === "BinaryExpression" && source.operator === "+") {
    return `${pathOf(source.left) ?? "{}"}${pathOf(source.right) ?? "{}"}`;
  }
  return stringOf(source);
}

/** The words that a class name can be made of at run time. */
function collectWords(node: Node, into: Collected): void {
  if (node.type === "TemplateLiteral") {
    const texts = quasis(node);
    texts.forEach((text, index) => {
      addWords(into, text, index < texts.length - 1);
    });
  } else if (node.type === "CallExpression" && /normalizeClass$/.test(calleeName(node))) {
    nodes(node.arguments).forEach((argument) => {
      addKeys(into, argument);
    });
  } else if (node.type === "Property" && /^class(?:Name)?$/.test(keyOf(node))) addKeys(into, asNode(node.value));
  else {
    const text = stringOf(node);
    // Markup that never changes: its class attributes are constants.
    if (text !== undefined) addWords(into, /^\s*</.test(text) ? text.replace(/ class="[^"]*"/g, " ") : text, /[-_:]$/.test(text));
  }
}

/** The keys of `{ "is-late": late }` in a class binding. */
function addKeys(into: Collected, node: Node | undefined): void {
  if (node?.type === "ObjectExpression") for (const property of nodes(node.properties)) addWords(into, keyOf(property), false);
  else if (node?.type === "ArrayExpression") for (const element of nodes(node.elements)) addKeys(into, element);
}

function addWords(into: Collected, text: string, isCut: boolean): void {
  // A sentence isn't a list of class names.
  if (text.length > 4000 || /^\s*\p{Lu}\S*\s+\S/u.test(text)) return;
  const words = text.split(/\s+/);
  words.forEach((word, index) => {
    if (word.length < 2 || word.length > 80) return;
    if (isCut && index === words.length - 1) into.prefixes.add(word);
    else into.words.add(word);
  });
}

function addMember(into: Collected, name: string): void {
  if (isName(name)) into.members.set(name, (into.members.get(name) ?? 0) + 1);
}

function addName(into: Set<string>, name: string): void {
  if (isName(name)) into.add(name);
}

function isName(name: string): boolean {
  return /^[A-Za-z_$][\w$]{1,63}$/.test(name);
}
