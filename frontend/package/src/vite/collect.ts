/** Reads from a module's syntax tree what its source proves: messages, names, request paths and class names. */

/** A node of an ESTree, of whichever parser. */
export interface Node {
  readonly type: string;
  readonly [key: string]: unknown;
}

/** What modules prove together. */
export interface Collected {
  readonly messages: Set<string>;
  readonly names: Set<string>;
  readonly routes: Set<string>;
  readonly classes: Set<string>;
}

export function emptyCollection(): Collected {
  return { messages: new Set(), names: new Set(), routes: new Set(), classes: new Set() };
}

/** Adds what the module `program` proves. */
export function collectModule(program: Node, into: Collected): void {
  visit(program, into);
}

/** Adds the class names and custom properties of a style sheet, of whichever dialect. */
export function collectStyles(css: string, into: Collected): void {
  const bare = css.replace(/\/\*[^]*?\*\//g, "").replace(/"[^"\n]*"|'[^'\n]*'/g, "");
  for (const [, name] of bare.matchAll(/\.(-?[A-Za-z_][\w-]*)/g)) if (name !== undefined) into.classes.add(name);
  for (const [name] of bare.matchAll(/--[A-Za-z_][\w-]*/g)) into.classes.add(name);
}

function visit(node: Node, into: Collected): void {
  collectMessages(node, into);
  collectNames(node, into);
  collectRoutes(node, into);
  collectClasses(node, into);
  for (const child of children(node)) visit(child, into);
}

function collectMessages(node: Node, into: Collected): void {
  const { messages } = into;
  if (node.type === "ThrowStatement") addAll(messages, literals(node.argument));
  else if (node.type === "NewExpression" && /(?:Error|Exception)$/.test(calleeName(node))) addArguments(messages, node);
  else if (node.type === "CallExpression" && isTelling(node)) addArguments(messages, node);
}

/** Whether a call passes a message on: to the console, to Sentry, to a promise's rejection, to an error's constructor. */
function isTelling(call: Node): boolean {
  const callee = asNode(call.callee);
  if (callee === undefined) return false;
  if (callee.type === "Super") return true;
  if (callee.type === "MemberExpression" && nameOf(callee.object) === "console") return true;
  return /^(?:captureMessage|captureException|addBreadcrumb|reject)$/.test(calleeName(call));
}

function collectNames(node: Node, into: Collected): void {
  switch (node.type) {
    case "ClassDeclaration":
    case "ClassExpression":
    case "FunctionDeclaration":
    case "FunctionExpression":
    case "VariableDeclarator":
      addName(into, nameOf(node.id));
      return;
    case "MemberExpression":
      if (node.computed !== true) addName(into, nameOf(node.property));
      return;
    case "Property":
    case "MethodDefinition":
    case "PropertyDefinition":
      if (node.computed === true) return;
      addName(into, nameOf(node.key));
      if (/^(?:__name|name)$/.test(nameOf(node.key))) addName(into, stringOf(node.value) ?? "");
      return;
    case "AssignmentExpression":
      if (nameOf(asNode(node.left)?.property) === "name") addName(into, stringOf(node.right) ?? "");
  }
}

function collectRoutes(node: Node, into: Collected): void {
  const text = pathOf(node);
  const path = text?.split(/[?#]/, 1)[0];
  if (path !== undefined && /^(?:\{\})?\/[A-Za-z0-9_/{}.~-]{1,200}$/.test(path)) into.routes.add(path);
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

function collectClasses(node: Node, into: Collected): void {
  if (node.type === "Property" && nameOf(node.key) === "class") addClasses(into, node.value);
  else if (node.type === "CallExpression" && /normalizeClass$/.test(calleeName(node))) {
    for (const argument of nodes(node.arguments)) addClasses(into, argument);
  } else {
    for (const [, names] of (stringOf(node) ?? "").matchAll(/ class="([^"]*)"/g)) addWords(into, names ?? "");
  }
}

function addClasses(into: Collected, node: unknown): void {
  const source = asNode(node);
  if (source === undefined) return;
  if (source.type === "ObjectExpression") {
    for (const property of nodes(source.properties)) {
      if (property.computed !== true) addWords(into, stringOf(property.key) ?? nameOf(property.key));
    }
  } else if (source.type === "ArrayExpression") {
    for (const element of nodes(source.elements)) addClasses(into, element);
  } else if (source.type === "ConditionalExpression") {
    addClasses(into, source.consequent);
    addClasses(into, source.alternate);
  } else if (source.type === "LogicalExpression") {
    addClasses(into, source.right);
  } else addWords(into, stringOf(source) ?? "");
}

function addWords(into: Collected, text: string): void {
  for (const word of text.split(/\s+/)) if (/^-?[A-Za-z_][\w:/.-]*$/.test(word)) into.classes.add(word);
}

/** The texts that an expression can be, as far as they are constants; the pieces of one that isn't are none. */
function literals(node: unknown): string[] {
  const source = asNode(node);
  const whole = constant(source);
  if (source === undefined || whole !== undefined) return whole === undefined ? [] : [whole];
  switch (source.type) {
    case "ConditionalExpression":
      return [...literals(source.consequent), ...literals(source.alternate)];
    case "LogicalExpression":
      return [...literals(source.left), ...literals(source.right)];
    case "NewExpression":
    case "CallExpression":
      return nodes(source.arguments).flatMap(literals);
    case "ObjectExpression":
      return nodes(source.properties).flatMap((property) => literals(property.value));
    case "AwaitExpression":
      return literals(source.argument);
    default:
      return [];
  }
}

/** A text without any part that isn't in the source. */
function constant(node: Node | undefined): string | undefined {
  if (node === undefined) return undefined;
  if (node.type === "BinaryExpression" && node.operator === "+") {
    const [left, right] = [constant(asNode(node.left)), constant(asNode(node.right))];
    return left === undefined || right === undefined ? undefined : left + right;
  }
  if (node.type === "TemplateLiteral") return nodes(node.expressions).length === 0 ? quasis(node).join("") : undefined;
  return stringOf(node);
}

function quasis(template: Node): string[] {
  return nodes(template.quasis).map((quasi) => (quasi.value as { cooked?: string }).cooked ?? "");
}

function addArguments(into: Set<string>, call: Node): void {
  addAll(into, nodes(call.arguments).flatMap(literals));
}

function addAll(into: Set<string>, texts: readonly string[]): void {
  for (const text of texts) if (text.trim() !== "" && text.length <= 1024) into.add(text);
}

function addName(into: Collected, name: string): void {
  if (/^[A-Za-z_$][\w$]{1,63}$/.test(name)) into.names.add(name);
}

function calleeName(call: Node): string {
  const callee = asNode(call.callee);
  return callee?.type === "MemberExpression" && callee.computed !== true ? nameOf(callee.property) : nameOf(callee);
}

function nameOf(node: unknown): string {
  const source = asNode(node);
  return (source?.type === "Identifier" || source?.type === "PrivateIdentifier") && typeof source.name === "string" ? source.name : "";
}

function stringOf(node: unknown): string | undefined {
  const source = asNode(node);
  return source?.type === "Literal" && typeof source.value === "string" ? source.value : undefined;
}

function asNode(value: unknown): Node | undefined {
  return typeof value === "object" && value !== null && typeof (value as Node).type === "string" ? (value as Node) : undefined;
}

function nodes(value: unknown): Node[] {
  return Array.isArray(value) ? value.map(asNode).filter((node) => node !== undefined) : [];
}

function children(node: Node): Node[] {
  return Object.values(node).flatMap((value) => (Array.isArray(value) ? nodes(value) : (asNode(value) ?? [])));
}
