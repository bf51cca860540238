/** Messages of the browsers' engines, of axios and of Vite, as the build needs them: by their fingerprints. */
import { fingerprint } from "./facts.js";

/** The fingerprints of a text's lines; the package's build puts them in the place of the call. */
function fingerprints(lines: string): string {
  return lines.split("\n").filter(Boolean).map(fingerprint).join("");
}

/** Messages that an engine says as they stand. */
export const WHOLE = fingerprints(`
Importing a module script failed.
network error
Network Error
Network request failed
Request aborted
canceled
cancelled
timeout exceeded
The network connection was lost.
The Internet connection appears to be offline.
The request timed out.
A server with the specified hostname could not be found.
Fetch is aborted
The user aborted a request.
The operation timed out.
The operation is insecure.
The operation is not supported.
signal is aborted without reason
signal timed out
BodyStreamBuffer was aborted
Failed to execute 'json' on 'Response': Unexpected end of JSON input
Failed to execute 'json' on 'Response': body stream already read
Failed to execute 'text' on 'Response': body stream already read
body stream already read
ResizeObserver loop limit exceeded
ResizeObserver loop completed with undelivered notifications.
too much recursion
out of memory
Array buffer allocation failed
Unexpected end of JSON input
Unexpected end of input
Unexpected token '<', "<!DOCTYPE "... is not valid JSON
Unexpected token '<', "<!doctype "... is not valid JSON
"undefined" is not valid JSON
JSON Parse error: Unexpected EOF
JSON Parse error: Unterminated string
Invalid Date
Invalid time value
Invalid date
Incorrect locale information provided
Invalid array length
Invalid string length
Invalid URL
Failed to construct 'URL': Invalid URL
Failed to construct 'URL': Invalid base URL
Type error
URI malformed
malformed URI sequence
String contained an illegal UTF-16 sequence.
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
Cannot read properties of undefined
Cannot read properties of null
can't convert undefined to object
can't convert null to object
undefined has no properties
null has no properties
undefined is not an object
null is not an object
object null is not iterable (cannot read property Symbol(Symbol.iterator))
object is not iterable (cannot read property Symbol(Symbol.iterator))
The node to be removed is not a child of this node.
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
The string did not match the expected pattern.
The quota has been exceeded.
Quota exceeded.
Persistent storage maximum size reached
Encountered full disk while opening backing store for indexedDB.open.
Failed to read the 'localStorage' property from 'Window': Access is denied for this document.
Failed to read the 'sessionStorage' property from 'Window': Access is denied for this document.
The object can not be cloned.
Failed to execute 'atob' on 'Window': The string to be decoded is not correctly encoded.
Failed to execute 'btoa' on 'Window': The string to be encoded contains characters outside of the Latin1 range.
The string contains invalid characters.
Attempt to use history.pushState() more than 100 times per 30 seconds
Attempt to use history.replaceState() more than 100 times per 30 seconds
The element has no supported sources.
The database connection is closing.
The transaction was aborted, so the request cannot be fulfilled.
A mutation operation was attempted on a database that did not allow mutations.
Connection to Indexed Database server lost. Refresh the page to try again
WebSocket is already in CLOSING or CLOSED state.
Failed to execute 'send' on 'WebSocket': Still in CONNECTING state.
An invalid or illegal string was specified
Permission denied
Document is not focused.
`);

/** Beginnings of messages whose rest is made by data, or differs between engines, and falls away. */
export const BEGINNINGS = fingerprints(`
Unexpected token '<', "<html>
Failed to fetch
Load failed
NetworkError when attempting to fetch resource.
Failed to fetch dynamically imported module
error loading dynamically imported module
Unable to preload CSS for
Loading chunk
Loading CSS chunk
Object captured as exception with keys
Object captured as promise rejection with keys
Non-Error promise rejection captured with value
Non-Error exception captured with keys
The operation was aborted.
The request is not allowed by the user agent or the platform in the current context
Maximum call stack size exceeded
JSON.parse:
JSON Parse error: Unexpected identifier
JSON Parse error: Unrecognized token
Script error
Invalid time zone specified:
Invalid count value:
Invalid regular expression
Converting circular structure to JSON
Cannot use 'in' operator to search for
undefined is not a function
undefined is not iterable
undefined is not a constructor
Spread syntax requires
The object can not be found
Blocked a frame with origin
Permission denied to access property
Failed to execute 'postMessage' on
Failed to execute 'structuredClone' on
Failed to execute 'pushState' on 'History':
play() failed because the user didn't interact with the document first.
The play() request was interrupted
Failed to update a ServiceWorker
Failed to register a ServiceWorker
Must be handling a user gesture
`);
