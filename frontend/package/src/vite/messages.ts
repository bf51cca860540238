/** Collects the texts of statements that raise, capture or log, also where they stand elsewhere in the source. */
import { asNode, calleeName, children, constant, dottedName, keyOf, nameOf, nodes, stringOf, template, type Node } from "./tree.js";

/** The texts of one module, or of all of them. */
export interface Messages {
  readonly texts: Set<string>;
  readonly templates: Set<string>;
  /** Names of other modules that such statements refer to, `CLOSED` or `TEXTS.closed`. */
  readonly wanted: Set<string>;
  /** Constants that modules export, by those names. */
  readonly constants: Map<string, Set<string>>;
  /** Functions that pass a parameter on to such a statement. */
  readonly tellers: Set<string>;
  /** Texts that any function is called with, by its name: it may turn out to be a teller. */
  readonly told: Map<string, Set<string>>;
}

export function noMessages(): Messages {
  return { texts: new Set(), templates: new Set(), wanted: new Set(), constants: new Map(), tellers: new Set(), told: new Map() };
}

/** Adds what the module `program` has. */
export function collectMessages(program: Node, into: Messages): void {
  const reader = new Reader(into);
  reader.declare(program);
  reader.tell(program, []);
}

/** The texts that turned out to be told when every module was read. */
export function settle(messages: Messages): { texts: Set<string>; templates: Set<string> } {
  const texts = new Set(messages.texts);
  const templates = new Set(messages.templates);
  for (const name of messages.wanted) for (const text of messages.constants.get(name) ?? []) texts.add(text);
  for (const name of messages.tellers) {
    for (const text of messages.told.get(name) ?? []) {
      if (text.startsWith("\0")) templates.add(text.slice(1));
      else texts.add(text);
    }
  }
  return { texts, templates };
}

const TELLING = /^(?:captureMessage|captureException|addBreadcrumb|reject|assert|invariant)$/;

const TELLERS = /^(?:console|log|logger)$/;

class Reader {
  readonly #into: Messages;
  /** What names of the module stand for, where that is a text or an object of texts. */
  readonly #values = new Map<string, Node[]>();
  readonly #imported = new Map<string, string>();
  readonly #assigned = new Set<string>();
  readonly #exported = new Map<string, string>();

  constructor(into: Messages) {
    this.#into = into;
  }

  /** Notes the module's constants, imports and exports. */
  declare(program: Node): void {
    this.#note(program);
    for (const [local, exported] of this.#exported) {
      for (const value of this.#valuesOf(local)) this.#export(exported, value);
    }
  }

  #note(node: Node): void {
    switch (node.type) {
      case "VariableDeclarator": {
        const [name, init] = [nameOf(node.id), asNode(node.init)];
        if (name !== "" && init !== undefined) this.#values.set(name, [...(this.#values.get(name) ?? []), init]);
        break;
      }
      case "AssignmentExpression":
        this.#assigned.add(nameOf(node.left));
        break;
      case "ImportDeclaration":
        for (const specifier of nodes(node.specifiers)) {
          const imported = specifier.type === "ImportNamespaceSpecifier" ? "" : specifier.type === "ImportDefaultSpecifier" ? "default" : nameOf(specifier.imported);
          this.#imported.set(nameOf(specifier.local), imported);
        }
        return;
      case "ExportNamedDeclaration": {
        for (const specifier of nodes(node.specifiers)) this.#exported.set(nameOf(specifier.local), nameOf(specifier.exported));
        const declaration = asNode(node.declaration);
        for (const declarator of nodes(declaration?.declarations)) this.#exported.set(nameOf(declarator.id), nameOf(declarator.id));
        break;
      }
      case "ExportDefaultDeclaration": {
        const declared = asNode(node.declaration);
        if (declared?.type === "Identifier") this.#exported.set(nameOf(declared), "default");
        else if (declared !== undefined) this.#export("default", declared);
        break;
      }
      case "CallExpression":
        this.#noteEnum(node);
        break;
    }
    for (const child of children(node)) this.#note(child);
  }

  /** What compilers make of an enum: a function that fills an object, called with `X || (X = {})`. */
  #noteEnum(call: Node): void {
    const name = nameOf(asNode(nodes(call.arguments)[0])?.left);
    const body = nodes(asNode(asNode(call.callee)?.body)?.body);
    if (name === "" || body.length === 0) return;
    const properties = body.flatMap((statement) => {
      const assignment = asNode(statement.expression);
      const left = asNode(assignment?.left);
      const key = left?.type === "MemberExpression" ? (stringOf(left.property) ?? nameOf(left.property)) : "";
      return assignment?.type === "AssignmentExpression" && key !== "" ? [{ type: "Property", key: { type: "Identifier", name: key }, value: assignment.right }] : [];
    });
    if (properties.length > 0) this.#values.set(name, [{ type: "ObjectExpression", properties }]);
  }

  #export(name: string, value: Node, depth = 0): void {
    const text = constant(value);
    if (text !== undefined) this.#into.constants.set(name, (this.#into.constants.get(name) ?? new Set()).add(text));
    else if (depth < 3) for (const [key, member] of members(value)) this.#export(name === "" ? key : `${name}.${key}`, member, depth + 1);
  }

  #valuesOf(name: string): Node[] {
    return this.#assigned.has(name) ? [] : (this.#values.get(name) ?? []);
  }

  /** Adds the texts of the statements that tell; `parameters` are those of the functions around. */
  tell(node: Node, functions: readonly (readonly [name: string, parameters: readonly string[]])[]): void {
    if (node.type === "ThrowStatement") this.#add(node.argument, functions);
    else if (node.type === "NewExpression" && /(?:Error|Exception)$/.test(calleeName(node))) this.#addAll(node, functions);
    else if (node.type === "CallExpression") {
      if (isTelling(node)) this.#addAll(node, functions);
      else this.#noteCall(node);
    }
    for (const child of children(node)) this.tell(child, enter(node, child, functions));
  }

  #noteCall(call: Node): void {
    const name = nameOf(call.callee) || calleeName(call);
    if (name === "") return;
    const texts = nodes(call.arguments).flatMap((argument) => {
      const text = constant(argument);
      const composed = text === undefined ? template(argument) : undefined;
      return text !== undefined && /\s/.test(text) ? [text] : composed === undefined ? [] : [`\0${composed}`];
    });
    if (texts.length === 0) return;
    const told = this.#into.told.get(name) ?? new Set();
    for (const text of texts) told.add(text);
    this.#into.told.set(name, told);
  }

  #addAll(call: Node, functions: readonly (readonly [string, readonly string[]])[]): void {
    for (const argument of nodes(call.arguments)) this.#add(argument, functions);
  }

  /** The texts that an expression can be, as far as they are constants or are composed here. */
  #add(value: unknown, functions: readonly (readonly [string, readonly string[]])[], depth = 0): void {
    const node = asNode(value);
    if (node === undefined || depth > 6) return;
    const whole = constant(node) ?? template(node);
    if (whole !== undefined) {
      if (whole.trim() !== "" && whole.length <= 1024) (constant(node) === undefined ? this.#into.templates : this.#into.texts).add(whole);
      return;
    }
    const add = (next: unknown): void => {
      this.#add(next, functions, depth + 1);
    };
    switch (node.type) {
      case "ConditionalExpression":
        add(node.consequent);
        add(node.alternate);
        return;
      case "LogicalExpression":
        add(node.left);
        add(node.right);
        return;
      case "NewExpression":
      case "CallExpression":
        nodes(node.arguments).forEach(add);
        return;
      case "ObjectExpression":
        for (const property of nodes(node.properties)) add(property.value);
        return;
      case "AwaitExpression":
        add(node.argument);
        return;
      case "Identifier":
      case "MemberExpression":
        this.#addNamed(dottedName(node), functions, add);
    }
  }

  #addNamed(name: string, functions: readonly (readonly [string, readonly string[]])[], add: (node: unknown) => void): void {
    if (name === "") return;
    const [first = "", ...path] = name.split(".");
    const teller = functions.findLast(([, parameters]) => parameters.includes(first));
    if (teller !== undefined) {
      if (path.length === 0 && teller[0] !== "") this.#into.tellers.add(teller[0]);
      return;
    }
    const imported = this.#imported.get(first);
    if (imported !== undefined) this.#into.wanted.add([imported, ...path].filter(Boolean).join("."));
    for (const value of this.#valuesOf(first)) {
      const found = path.reduce<Node | undefined>((object, key) => (object === undefined ? undefined : members(object).get(key)), value);
      if (found !== undefined) add(found);
    }
  }
}

/** An object's members by name, also of one that is frozen or made read-only by a type. */
function members(node: Node): Map<string, Node> {
  if (node.type === "CallExpression" && calleeName(node) === "freeze") return members(asNode(nodes(node.arguments)[0]) ?? node);
  const found = node.type === "ObjectExpression" ? nodes(node.properties) : [];
  return new Map(found.map((property) => [keyOf(property), asNode(property.value)] as const).filter((pair): pair is [string, Node] => pair[0] !== "" && pair[1] !== undefined));
}

/** Whether a call passes a message on: to the console, to Sentry, to a promise's rejection, to an error's constructor. */
function isTelling(call: Node): boolean {
  const callee = asNode(call.callee);
  if (callee === undefined) return false;
  if (callee.type === "Super") return true;
  if (callee.type === "MemberExpression" && TELLERS.test(nameOf(callee.object))) return true;
  return TELLING.test(calleeName(call));
}

/** The functions around a child of `node`, with that which `node` is. */
function enter(node: Node, child: Node, functions: readonly (readonly [string, readonly string[]])[]): readonly (readonly [string, readonly string[]])[] {
  if (!/^(?:FunctionDeclaration|FunctionExpression|ArrowFunctionExpression)$/.test(child.type)) return functions;
  const name = nameOf(child.id) || (node.type === "VariableDeclarator" ? nameOf(node.id) : /^(?:Property|MethodDefinition)$/.test(node.type) ? keyOf(node) : "");
  const parameters = nodes(child.params).map((parameter) => nameOf(parameter.type === "AssignmentPattern" ? parameter.left : parameter)).filter(Boolean);
  return [...functions, [name, parameters]];
}
