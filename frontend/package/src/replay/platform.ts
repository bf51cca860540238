/** What the browser itself says of names and of values, in the place of lists of them. */

const elements = new Map<string, boolean>();

const declarations = new Map<string, boolean>();

/** Names that are remembered: a page has few, unless data makes them. */
const MOST_REMEMBERED = 1000;

/** Whether an element's name is one of HTML's; any other can be a text of its own. */
export function isElement(tag: string): boolean {
  return remembered(elements, tag, () => /^[a-z][a-z0-9]*$/.test(tag) && !(document.createElement(tag) instanceof HTMLUnknownElement));
}

/** Properties of an element's own style that say how it is laid out, of which each value is a keyword. */
const LAYOUT =
  /^(?:display|visibility|position|overflow(?:-[xy])?|float|clear|flex-(?:direction|wrap)|(?:align|justify)-(?:content|items|self)|text-align|white-space|pointer-events|box-sizing|direction): ?[a-z-]+$/;

/** Whether a declaration, `display: none`, has a keyword of the layout's; what is a number or a colour there, data chose. */
export function isLayout(declaration: string): boolean {
  return remembered(declarations, declaration, () => LAYOUT.test(declaration) && CSS.supports(`(${declaration})`));
}

function remembered(known: Map<string, boolean>, text: string, ask: () => boolean): boolean {
  let answer = known.get(text);
  if (answer === undefined) {
    answer = ask();
    if (known.size < MOST_REMEMBERED) known.set(text, answer);
  }
  return answer;
}
