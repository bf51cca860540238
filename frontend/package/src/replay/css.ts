/** Style sheets made anew: proven class names, a closed set of properties, keywords and functions; no text, no address. */
import type { Guard } from "../guard.js";
import { TAGS } from "../dom.js";
import { fields, list } from "../reading.js";

const PROPERTY =
  /^(?:align-(?:content|items|self)|animation-(?:delay|duration)|aspect-ratio|backdrop-filter|background(?:-color|-size|-position|-repeat|-clip)?|border(?:-(?:top|right|bottom|left|block|inline)(?:-(?:start|end))?)?(?:-(?:color|style|width|radius))?|border-(?:top|bottom|start|end)-(?:left|right|start|end)-radius|border-(?:collapse|spacing)|bottom|box-(?:shadow|sizing)|clear|clip|color|column-(?:count|gap|rule|span|width)|columns|cursor|direction|display|fill|filter|flex(?:-(?:basis|direction|flow|grow|shrink|wrap))?|float|font-(?:size|style|weight|stretch)|gap|grid-(?:auto-(?:columns|flow|rows)|column(?:-(?:start|end))?|row(?:-(?:start|end))?|template-(?:columns|rows))|height|inset(?:-(?:block|inline)(?:-(?:start|end))?)?|justify-(?:content|items|self)|left|letter-spacing|line-height|list-style-(?:position|type)|margin(?:-(?:top|right|bottom|left|block|inline)(?:-(?:start|end))?)?|(?:max|min)-(?:height|width|block-size|inline-size)|object-fit|opacity|order|outline(?:-(?:color|offset|style|width))?|overflow(?:-(?:wrap|x|y))?|padding(?:-(?:top|right|bottom|left|block|inline)(?:-(?:start|end))?)?|place-(?:content|items|self)|pointer-events|position|resize|right|row-gap|stroke(?:-width)?|table-layout|text-(?:align|decoration|indent|overflow|transform)|top|transform(?:-origin)?|transition-(?:delay|duration)|user-select|vertical-align|visibility|white-space|width|word-(?:break|spacing)|z-index)$/;

const KEYWORDS = new Set(
  (
    "absolute all auto avoid baseline block block-axis blink bold bolder border-box both bottom break-all break-word capitalize center " +
    "clip collapse column column-reverse contain contents content-box cover currentcolor dashed default dense disc circle square decimal " +
    "dotted double end ease fill fit-content fixed flex flex-end flex-start flow-root grab grid groove hidden inherit initial inline " +
    "inline-block inline-flex inline-grid inset inside invert italic justify keep-all large larger left lighter line-through list-item " +
    "lowercase ltr manual max-content medium middle min-content move no-repeat none normal not-allowed nowrap oblique outset outside " +
    "padding-box pointer pre pre-line pre-wrap relative repeat repeat-x repeat-y revert ridge right round row row-reverse rtl scale-down " +
    "scroll separate small smaller solid space space-around space-between space-evenly start static sticky stretch sub super table " +
    "table-cell table-column table-row text text-bottom text-top thick thin to top transparent underline unset uppercase visible wait wrap " +
    "wrap-reverse x-large x-small xx-large xx-small y important black white gray grey red green blue yellow orange purple silver navy teal " +
    "maroon olive lime aqua fuchsia deg span minmax auto-fill auto-fit solid canvas canvastext buttonface buttontext field fieldtext"
  ).split(" "),
);

const FUNCTIONS = new Set(
  "var rgb rgba hsl hsla hwb oklch oklab lab lch calc min max clamp minmax repeat fit-content translate translatex translatey scale rotate blur brightness".split(
    " ",
  ),
);

const TOKEN = /^(?:--[\w-]{1,64}|-?(?:[0-9]{1,5}(?:\.[0-9]{1,6})?|\.[0-9]{1,6})(?:%|[a-z]{1,4})?(?![\w.])|#[0-9a-fA-F]{3,8}|[a-zA-Z-]+\(|!?[a-zA-Z-]+|[-+*/,)]|\s+)/;

const PSEUDO =
  /^::?(?:active|after|before|checked|disabled|empty|enabled|first-child|first-of-type|focus|focus-visible|focus-within|hover|invalid|last-child|last-of-type|link|not|nth-child|only-child|placeholder|required|root|valid|visited|where|is)$/;

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
    if (colon > 0 && INLINE.test(property) && KEYWORDS.has(keyword)) kept.push(`${property}: ${keyword};`);
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
    else if (typeof value === "string" && KEYWORDS.has(value)) kept[property] = [value, priority === "important" ? "important" : ""];
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
    if (!PROPERTY.test(property) && !isVariable(guard, property)) continue;
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
    const query = prelude.slice(6).split(/[^a-z-]+/).every((word) => word === "" || MEDIA_WORDS.has(word));
    return query ? `${prelude} { ${rebuildRules(guard, body, depth + 1)} }` : undefined;
  }
  const selector = prelude.split(",").map((part) => rebuildSelector(guard, part)).filter((part) => part !== undefined);
  const declarations = rebuildDeclarations(guard, body);
  return selector.length > 0 && declarations !== "" ? `${selector.join(", ")} { ${declarations} }` : undefined;
}

const MEDIA_WORDS = new Set(
  "and not only screen print all min-width max-width min-height max-height width height orientation landscape portrait hover none pointer fine coarse prefers-color-scheme dark light prefers-reduced-motion reduce no-preference px em rem".split(
    " ",
  ),
);

function rebuildSelector(guard: Guard, selector: string): string | undefined {
  const parts = selector.trim().match(/\.(?:\\[^\n]|[\w\u0080-\uffff-])+|#?[A-Za-z_][\w-]*|::?[a-z-]+(?:\([^)]*\))?|\[data-v-[0-9a-f]{8}\]|[>+~*]|\s+|./g) ?? [];
  for (const part of parts) {
    if (/^(?:[>+~*]|\s+|\[data-v-[0-9a-f]{8}\])$/.test(part)) continue;
    if (part.startsWith(".") && guard.classes.has(part.slice(1).replace(/\\/g, ""))) continue;
    if (PSEUDO.test(part) || /^:nth-child\((?:odd|even|[0-9n+-]{1,8})\)$/.test(part)) continue;
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
  if (/^[a-zA-Z-]+\($/.test(token)) return FUNCTIONS.has(token.slice(0, -1).toLowerCase());
  if (/^!?[a-zA-Z-]+$/.test(token)) return token === "-" || KEYWORDS.has(token.replace("!", "").toLowerCase());
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
