import type { Span } from "@sentry/browser";
import { fields } from "./reading.js";
import type { Sdk, SentryClient } from "./sdk.js";
import type { Urls } from "./urls.js";

/**
 * Sends W3C `traceparent`, and nothing else, with requests to the back ends.
 *
 * The SDK's own propagation also sends `sentry-trace` and `baggage`, which names the page and the release, so it stays
 * off. The flags always say "sampled": the browser's tenth must not decide whether the back end records its trace.
 */
export function propagateTrace(client: SentryClient, sdk: Pick<Sdk, "getTraceData">, urls: () => Urls | undefined): void {
  client.on("beforeOutgoingRequestSpan", (span, hint) => {
    try {
      const known = urls();
      if (known === undefined) return;
      if ("xhr" in hint) addToXhr(hint.xhr, known, () => traceparent(span, sdk));
      else addToFetch(hint.input, known, () => traceparent(span, sdk));
    } catch {
      // A request without a trace is better than none.
    }
  });
}

/** `00-<trace id>-<span id>-01` of the span, or of the trace that errors on this page are given. */
function traceparent(span: Span, sdk: Pick<Sdk, "getTraceData">): string | undefined {
  const data = sdk.getTraceData(span.isRecording() ? { span } : {});
  const found = /^([0-9a-f]{32})-([0-9a-f]{16})/.exec(data["sentry-trace"] ?? "");
  return found === null ? undefined : `00-${found[1]}-${found[2]}-01`;
}

/** The SDK hands on the live arguments of the call, so that what is put into them is sent. */
function addToFetch(args: unknown[], urls: Urls, make: () => string | undefined): void {
  const [target, init] = args;
  const url = target instanceof Request ? target.url : String(target);
  if (!urls.isBackend(url)) return;
  const given = fields(init).headers;
  const headers = new Headers(isHeaders(given) ? given : target instanceof Request ? target.headers : undefined);
  if (headers.has("traceparent")) return;
  const header = make();
  if (header === undefined) return;
  headers.set("traceparent", header);
  args[1] = { ...fields(init), headers };
}

function isHeaders(value: unknown): value is HeadersInit {
  return typeof value === "object" && value !== null;
}

function addToXhr(request: unknown, urls: Urls, make: () => string | undefined): void {
  if (!(request instanceof XMLHttpRequest)) return;
  const sent = fields("__sentry_xhr_v3__" in request ? request.__sentry_xhr_v3__ : undefined);
  if (typeof sent.url !== "string" || !urls.isBackend(sent.url) || "traceparent" in fields(sent.request_headers)) return;
  const header = make();
  if (header !== undefined) request.setRequestHeader("traceparent", header);
}
