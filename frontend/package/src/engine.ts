/**
 * Messages of the browsers' engines, of axios and of Vite, with holes.
 *
 * One a line. `<name>` is a name that the source must have, else it is shown as `?`; `?` holds what data made and is shown so;
 * `#` is a number, and `[…]` stands for a rest that falls away or is absent.
 */
import { BEGINNINGS, WHOLE } from "./engine-texts.js";
import { fingerprint, pieces } from "./facts.js";

const FORMS = `
Event \`<name>\` (type=…
timeout of # ms exceeded
timeout of #ms exceeded
Request failed with status code #
URL constructor: ? is not a valid URL.
? cannot be parsed as a URL[.]
Cannot access '<name>' before initialization
can't access lexical declaration '<name>' before initialization
invalid assignment to const '<name>'
Cannot read properties of undefined (reading '<name>')
Cannot read properties of null (reading '<name>')
Cannot set properties of undefined (setting '<name>')
Cannot set properties of null (setting '<name>')
Cannot read property '<name>' of undefined
Cannot read property '<name>' of null
Cannot destructure property '<name>'[ of …]
Cannot destructure '<name>' as it is undefined.
Cannot destructure '<name>' as it is null.
Cannot assign to read only property '<name>'[ of …]
Cannot add property <name>, object is not extensible
Cannot delete property '<name>'[ of …]
Cannot redefine property: <name>
can't access property "<name>", <name> is undefined
can't access property "<name>", <name> is null
can't access property "<name>" of undefined
can't access property "<name>" of null
can't access property <name>, <name> is undefined
undefined is not an object (evaluating '<name>')
null is not an object (evaluating '<name>')
Can't find variable: <name>
<name> is undefined
<name> is null
<name> is not defined
<name> is not iterable
<name> is not a constructor
<name> is not a function[. (In '…]
<name> is not a function or its return value is not iterable
<name> is read-only
Class constructor <name> cannot be invoked without 'new'
Private field '<name>' must be declared in an enclosing class
Failed to execute 'querySelector' on 'Document': ? is not a valid selector.
Failed to execute 'querySelectorAll' on 'Document': ? is not a valid selector.
Failed to execute 'querySelector' on 'Element': ? is not a valid selector.
Document.querySelector: ? is not a valid selector
Failed to execute 'setItem' on 'Storage': Setting the value of ? exceeded the quota.
`;

/** A message's form: what it is found by, the pieces that are shown, and what stands between them. */
interface Form {
  readonly pattern: RegExp;
  readonly pieces: readonly string[];
  readonly holes: readonly string[];
}

/** The longest beginning of a message. */
const LONGEST = 100;

let whole: ReadonlySet<string> | undefined;

let beginnings: ReadonlySet<string> | undefined;

let forms: readonly Form[] | undefined;

/** What an engine's own message may show, or `undefined` where no engine says so; `isName` proves a name. */
export function engineMessage(text: string, isName: (name: string) => boolean): string | undefined {
  whole ??= new Set(pieces(WHOLE));
  beginnings ??= new Set(pieces(BEGINNINGS));
  if (whole.has(fingerprint(text))) return text;
  for (let end = Math.min(text.length, LONGEST); end > 0; end -= 1) {
    // A beginning ends where a word does.
    if (!/^\w/.test(text.slice(end)) && beginnings.has(fingerprint(text.slice(0, end)))) return text.slice(0, end);
  }
  forms ??= FORMS.split("\n").filter(Boolean).map(form);
  for (const { pattern, pieces, holes } of forms) {
    const found = pattern.exec(text);
    if (found === null) continue;
    const shown = holes.map((hole, index) => show(hole, found[index + 1] ?? "", isName));
    return pieces.map((piece, index) => piece + (shown[index] ?? "")).join("").trimEnd();
  }
  return undefined;
}

/** What stands in a hole: a proven name, a number, a mark. */
function show(hole: string, found: string, isName: (name: string) => boolean): string {
  if (hole === "?") return "?";
  return hole === "#" ? found : found.split(".").map((part) => (isName(part) ? part : "?")).join(".");
}

function form(line: string): Form {
  const pieces = [""];
  const holes: string[] = [];
  let pattern = "^";
  for (const piece of line.replaceAll("\\n", "\n").split(/(<name>|[?#…]|\[[^\]]*\])/)) {
    if (piece === "…") pattern += "[^]*";
    else if (piece.startsWith("[")) pattern += `(?:${piece.slice(1, -1).split("…").map(literal).join("[^]*")})?`;
    else if (piece === "<name>" || piece === "?" || piece === "#") {
      const quoted = /['"`]$/.test(pattern);
      pattern += piece === "#" ? "([0-9]{1,6})" : piece === "?" ? "([^]{0,2000}?)" : quoted ? "([^'\"`]{0,200})" : "([\\w$.?\\u0080-\\uffff]{1,200})";
      holes.push(piece);
      pieces.push("");
    } else {
      pattern += literal(piece);
      pieces.push(`${pieces.pop() ?? ""}${piece}`);
    }
  }
  return { pattern: new RegExp(`${pattern}$`), pieces, holes };
}

function literal(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
}
