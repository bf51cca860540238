/**
 * Messages of the browsers' engines, of axios and of Vite.
 *
 * One a line. `<name>` is a name that the source must have, else it is shown as `?`; `?` holds what data made and is shown so;
 * `…` stands for a rest that falls away, and `[…]` for one that may be absent.
 */
const MESSAGES = `
Failed to fetch[ (…]
Load failed[ (…]
NetworkError when attempting to fetch resource.[ (…]
Failed to fetch dynamically imported module[: …]
error loading dynamically imported module[: …]
Importing a module script failed.
Unable to preload CSS for[ …]
Loading chunk[ …]
Loading CSS chunk[ …]
Object captured as exception with keys[: …]
Object captured as promise rejection with keys[: …]
Non-Error promise rejection captured with value[: …]
Non-Error exception captured with keys[: …]
Event \`<name>\` (type=…
network error
Network Error
Network request failed
Request aborted
canceled
cancelled
timeout exceeded
timeout of # ms exceeded
timeout of #ms exceeded
Request failed with status code #
The network connection was lost.
The Internet connection appears to be offline.
The request timed out.
A server with the specified hostname could not be found.
Fetch is aborted
The user aborted a request.
The operation was aborted.[ ]
The operation timed out.
The operation is insecure.
The operation is not supported.
The request is not allowed by the user agent or the platform in the current context[, …]
signal is aborted without reason
signal timed out
BodyStreamBuffer was aborted
Failed to execute 'json' on 'Response': Unexpected end of JSON input
Failed to execute 'json' on 'Response': body stream already read
Failed to execute 'text' on 'Response': body stream already read
body stream already read
ResizeObserver loop limit exceeded
ResizeObserver loop completed with undelivered notifications.
Maximum call stack size exceeded[.]
too much recursion
out of memory
Array buffer allocation failed
Unexpected end of JSON input
Unexpected end of input
Unexpected token '<', "<!DOCTYPE "... is not valid JSON
Unexpected token '<', "<!doctype "... is not valid JSON
Unexpected token '<', "<html>\\n... is not valid JSON
"undefined" is not valid JSON
JSON.parse:[ …]
JSON Parse error: Unexpected EOF
JSON Parse error: Unexpected identifier[ …]
JSON Parse error: Unrecognized token[ …]
JSON Parse error: Unterminated string
Script error[.]
Invalid Date
Invalid time value
Invalid date
Invalid time zone specified:[ …]
Incorrect locale information provided
Invalid array length
Invalid string length
Invalid count value:[ …]
Invalid URL
Failed to construct 'URL': Invalid URL
Failed to construct 'URL': Invalid base URL
URL constructor: ? is not a valid URL.
? cannot be parsed as a URL[.]
Type error
URI malformed
malformed URI sequence
String contained an illegal UTF-16 sequence.
Invalid regular expression…
Converting circular structure to JSON[\\n…]
cyclic object value
JSON.stringify cannot serialize cyclic structures.
Do not know how to serialize a BigInt
Cannot mix BigInt and other types, use explicit conversions
Cannot convert a BigInt value to a number
Cannot convert a Symbol value to a string
Cannot convert undefined or null to object
Cannot convert object to primitive value
Reduce of empty array with no initial value
reduce of empty array with no initial value
Illegal invocation
Illegal constructor
Assignment to constant variable.
Attempted to assign to readonly property.
Cannot access uninitialized variable.
Cannot access '<name>' before initialization
can't access lexical declaration '<name>' before initialization
invalid assignment to const '<name>'
Cannot read properties of undefined
Cannot read properties of null
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
Cannot use 'in' operator to search for[ …]
can't access property "<name>", <name> is undefined
can't access property "<name>", <name> is null
can't access property "<name>" of undefined
can't access property "<name>" of null
can't access property <name>, <name> is undefined
can't convert undefined to object
can't convert null to object
undefined has no properties
null has no properties
undefined is not a function[ (near …]
undefined is not an object
null is not an object
undefined is not an object (evaluating '<name>')
null is not an object (evaluating '<name>')
undefined is not iterable[ (cannot read property Symbol(Symbol.iterator))]
object null is not iterable (cannot read property Symbol(Symbol.iterator))
object is not iterable (cannot read property Symbol(Symbol.iterator))
undefined is not a constructor[ (…]
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
Spread syntax requires[ …]
The node to be removed is not a child of this node.
The object can not be found[ here][.]
The object is in an invalid state.
Node.removeChild: The node to be removed is not a child of this node
Node.insertBefore: Child to insert before is not a child of this node
Node.appendChild: Argument 1 is not an object.
Failed to execute 'removeChild' on 'Node': The node to be removed is not a child of this node.
Failed to execute 'removeChild' on 'Node': parameter 1 is not of type 'Node'.
Failed to execute 'insertBefore' on 'Node': The node before which the new node is to be inserted is not a child of this node.
Failed to execute 'insertBefore' on 'Node': parameter 1 is not of type 'Node'.
Failed to execute 'replaceChild' on 'Node': The node to be replaced is not a child of this node.
Failed to execute 'appendChild' on 'Node': parameter 1 is not of type 'Node'.
Failed to execute 'observe' on 'IntersectionObserver': parameter 1 is not of type 'Element'.
Failed to execute 'observe' on 'MutationObserver': parameter 1 is not of type 'Node'.
Failed to execute 'observe' on 'ResizeObserver': parameter 1 is not of type 'Element'.
Failed to execute 'getComputedStyle' on 'Window': parameter 1 is not of type 'Element'.
Failed to execute 'querySelector' on 'Document': ? is not a valid selector.
Failed to execute 'querySelectorAll' on 'Document': ? is not a valid selector.
Failed to execute 'querySelector' on 'Element': ? is not a valid selector.
Document.querySelector: ? is not a valid selector
The string did not match the expected pattern.
Failed to execute 'setItem' on 'Storage': Setting the value of ? exceeded the quota.
The quota has been exceeded.
Quota exceeded.
Persistent storage maximum size reached
Encountered full disk while opening backing store for indexedDB.open.
Failed to read the 'localStorage' property from 'Window': Access is denied for this document.
Failed to read the 'sessionStorage' property from 'Window': Access is denied for this document.
Blocked a frame with origin[ …]
Permission denied to access property[ …]
Failed to execute 'postMessage' on[ …]
Failed to execute 'structuredClone' on[ …]
The object can not be cloned.
Failed to execute 'atob' on 'Window': The string to be decoded is not correctly encoded.
Failed to execute 'btoa' on 'Window': The string to be encoded contains characters outside of the Latin1 range.
The string contains invalid characters.
Failed to execute 'pushState' on 'History':[ …]
Attempt to use history.pushState() more than 100 times per 30 seconds
Attempt to use history.replaceState() more than 100 times per 30 seconds
play() failed because the user didn't interact with the document first.[ …]
The play() request was interrupted…
The element has no supported sources.
The database connection is closing.
The transaction was aborted, so the request cannot be fulfilled.
A mutation operation was attempted on a database that did not allow mutations.
Connection to Indexed Database server lost. Refresh the page to try again
WebSocket is already in CLOSING or CLOSED state.
Failed to execute 'send' on 'WebSocket': Still in CONNECTING state.
An invalid or illegal string was specified
Failed to update a ServiceWorker…
Failed to register a ServiceWorker…
Permission denied
Must be handling a user gesture…
Document is not focused.
`;

/** A message's form: what it is found by, the pieces that are shown, and what stands between them. */
interface Form {
  readonly pattern: RegExp;
  readonly pieces: readonly string[];
  readonly holes: readonly string[];
}

let forms: readonly Form[] | undefined;

/** What an engine's own message may show, or `undefined` where no engine says so; `isName` proves a name. */
export function engineMessage(text: string, isName: (name: string) => boolean): string | undefined {
  forms ??= MESSAGES.split("\n").filter(Boolean).map(form);
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
