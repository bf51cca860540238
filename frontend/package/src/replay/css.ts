/** Style sheets made anew: proven class names, a closed set of properties, keywords and functions; no text, no address. */
import type { Guard } from "../guard.js";
import { TAGS } from "../dom.js";
import { fields, list } from "../reading.js";

/** The words that names of properties, keywords, functions, pseudo-classes and queries are made of. */
const WORDS = new Set(
  (
    "absolute active after align all allowed and animation aqua around aspect auto avoid axis backdrop background baseline basis " +
    "before between black blink block blue blur bold bolder border both bottom box break brightness buttonface buttontext calc canvas " +
    "canvastext capitalize cell center checked child circle clamp clear clip coarse collapse color column columns contain content " +
    "contents count cover currentcolor cursor dark dashed decimal decoration default deg delay dense direction disabled disc display " +
    "dotted double down duration ease em empty enabled end evenly events field fieldtext fill filter fine first fit fixed flex float " +
    "flow focus font fuchsia gap grab gray green grey grid groove grow height hidden hover hsl hsla hwb important indent index " +
    "inherit initial inline inset inside invalid invert is italic item items justify keep lab landscape large larger last layout lch " +
    "left letter light lighter lime line link list lowercase ltr manual margin maroon max medium middle min minmax motion move navy " +
    "no none normal not nowrap nth object oblique of offset oklab oklch olive only opacity orange order orientation origin outline " +
    "outset outside overflow padding place placeholder pointer portrait position pre preference prefers print purple px radius ratio " +
    "red reduce reduced relative rem repeat required resize reverse revert rgb rgba ridge right root rotate round row rows rtl rule " +
    "scale scheme screen scroll select self separate shadow shrink silver size sizing small smaller solid space spacing span square " +
    "start static sticky stretch stroke style sub super table teal template text thick thin through to top transform transition " +
    "translate translatex translatey transparent type underline unset uppercase user valid var vertical visibility visible visited " +
    "wait weight where white width within word wrap x xx y yellow z"
  ).split(" "),
);

const TOKEN = /^(?:--[\w-]{1,64}|-?(?:[0-9]{1,5}(?:\.[0-9]{1,6})?|\.[0-9]{1,6})(?:%|[a-z]{1,4})?(?![\w.])|#[0-9a-fA-F]{3,8}|[a-zA-Z-]+\(|!?[a-zA-Z-]+|[-+*/,)]|\s+)/;

/** Properties of an element's own style that say how it is laid out; what is a number or a colour there, data chose. */
const INLINE =
  /^(?:display|visibility|position|overflow(?:-[xy])?|float|clear|flex-(?:direction|wrap)|(?:align|justify)-(?:content|items|self)|text-align|white-space|pointer-events|box-sizing|direction)$/;

/** A `style` attribute, or the changes of single properties, with the layout's keywords alone. */
export function rebuildInline(value: unknown): unknown {
  if (typeof value === "object" && value !== null) return rebuildInlineChanges(value);
  if (typeof value !== "string") return undefined;
  const kept: string[] = [];
  for (const declaration of withoutComments(value).slice(0, 20_000).split(";")) {
    const colon = declaration.indexOf(":");
    const property = declaration.slice(0, colon).trim();
    const keyword = declaration.slice(colon + 1).trim();
    if (colon > 0 && INLINE.test(property) && isWritten(keyword)) kept.push(`${property}: ${keyword};`);
  }
  return kept.join(" ");
}

/** Changes of single properties: `false` removes, a pair is a value and its priority. */
function rebuildInlineChanges(changes: object): Record<string, unknown> {
  const kept: Record<string, unknown> = {};
  for (const [property, change] of Object.entries(fields(changes))) {
    if (!INLINE.test(property)) continue;
    const [value, priority] = Array.isArray(change) ? list(change) : [change, ""];
    if (value === false) kept[property] = false;
    else if (typeof value === "string" && isWritten(value)) kept[property] = [value, priority === "important" ? "important" : ""];
  }
  return kept;
}

/** The declarations of a rule that are closed in grammar; what isn't is left out. */
function rebuildDeclarations(guard: Guard, text: string): string {
  const kept: string[] = [];
  for (const declaration of text.slice(0, 20_000).split(";")) {
    const colon = declaration.indexOf(":");
    if (colon < 0) continue;
    const property = declaration.slice(0, colon).trim();
    if (!isWritten(property) && !isVariable(guard, property)) continue;
    const value = rebuildValue(guard, declaration.slice(colon + 1));
    if (value !== undefined) kept.push(`${property}: ${value};`);
  }
  return kept.join(" ");
}

/** A style sheet's rules; a rule whose selector or query isn't proven is left out whole. */
export function rebuildSheet(guard: Guard, text: unknown): string {
  return typeof text === "string" ? rebuildRules(guard, withoutComments(text).slice(0, 500_000), 0) : "";
}

function rebuildRules(guard: Guard, text: string, depth: number): string {
  const kept: string[] = [];
  let rest = text;
  while (depth < 4) {
    const open = rest.indexOf("{");
    if (open < 0) break;
    const close = closing(rest, open);
    const prelude = rest.slice(0, open).split(";").at(-1)?.trim() ?? "";
    const body = rest.slice(open + 1, close);
    rest = rest.slice(close + 1);
    const rule = rebuildRule(guard, prelude, body, depth);
    if (rule !== undefined) kept.push(rule);
  }
  return kept.join("\n");
}

function rebuildRule(guard: Guard, prelude: string, body: string, depth: number): string | undefined {
  if (prelude.startsWith("@")) {
    if (!/^@(?:media|supports|layer)\b[a-z0-9\s():<>=,.-]{0,120}$/.test(prelude)) return undefined;
    if (!/^@media\b/.test(prelude)) return rebuildRules(guard, body, depth + 1);
    const query = prelude.slice(6).split(/[^a-z-]+/).every((word) => word === "" || isWritten(word));
    return query ? `${prelude} { ${rebuildRules(guard, body, depth + 1)} }` : undefined;
  }
  const selector = prelude.split(",").map((part) => rebuildSelector(guard, part)).filter((part) => part !== undefined);
  const declarations = rebuildDeclarations(guard, body);
  return selector.length > 0 && declarations !== "" ? `${selector.join(", ")} { ${declarations} }` : undefined;
}

function rebuildSelector(guard: Guard, selector: string): string | undefined {
  const parts = selector.trim().match(/\.(?:\\[^\n]|[\w\u0080-\uffff-])+|#?[A-Za-z_][\w-]*|::?[a-z-]+(?:\([^)]*\))?|\[data-v-[0-9a-f]{8}\]|[>+~*]|\s+|./g) ?? [];
  for (const part of parts) {
    if (/^(?:[>+~*]|\s+|\[data-v-[0-9a-f]{8}\])$/.test(part)) continue;
    if (part.startsWith(".") && guard.classes.has(part.slice(1).replace(/\\/g, ""))) continue;
    if ((/^::?[a-z-]+$/.test(part) && isWritten(part.replace(/^::?/, ""))) || /^:nth-child\((?:odd|even|[0-9n+-]{1,8})\)$/.test(part)) continue;
    if (TAGS.has(part.toLowerCase())) continue;
    return undefined;
  }
  return parts.length > 0 ? parts.join("") : undefined;
}

/** Whether a custom property, `--brand`, stands in one of the application's style sheets. */
function isVariable(guard: Guard, name: string): boolean {
  return name.startsWith("--") && guard.classes.has(name);
}

function rebuildValue(guard: Guard, text: string): string | undefined {
  let rest = text.trim();
  if (rest === "" || rest.length > 512) return undefined;
  let kept = "";
  while (rest !== "") {
    const token = TOKEN.exec(rest)?.[0];
    if (token === undefined || !(isVariable(guard, token) || allowedToken(token))) return undefined;
    kept += token;
    rest = rest.slice(token.length);
  }
  return kept;
}

function allowedToken(token: string): boolean {
  if (/^[a-zA-Z-]+\($/.test(token)) return isWritten(token.slice(0, -1));
  if (/^!?[a-zA-Z-]+$/.test(token)) return token === "-" || isWritten(token.replace("!", ""));
  return /^-?[0-9.]+[a-z]+$/.test(token) ? /(?:px|em|rem|ex|ch|vh|vw|vmin|vmax|dvh|svh|fr|deg|turn|rad|ms|s|pt|cm|mm|in)$/.test(token) : true;
}

function closing(text: string, open: number): number {
  let depth = 0;
  for (let at = open; at < text.length; at += 1) {
    if (text[at] === "{") depth += 1;
    else if (text[at] === "}" && --depth === 0) return at;
  }
  return text.length;
}

function withoutComments(text: string): string {
  return text.replace(/\/\*[^]*?(?:\*\/|$)/g, "");
}

/** Whether a name is made of the vocabulary's words alone: then no data chose it letter by letter. */
function isWritten(name: string): boolean {
  return name.toLowerCase().replace(/^-/, "").split("-").every((word) => WORDS.has(word));
}
