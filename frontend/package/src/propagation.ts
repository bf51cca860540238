import { getTraceData, type init, type Span } from "@sentry/vue";
import { fields, list } from "./reading.js";
import type { Urls } from "./urls.js";

/** Sentry's client. */
export type SentryClient = NonNullable<ReturnType<typeof init>>;

/**
 * Sends W3C `traceparent`, and nothing else, with requests to the back ends.
 *
 * The SDK's own propagation also sends `sentry-trace` and `baggage`, which names the page and the release, so it stays
 * off. The flags always say "sampled": the browser's tenth must not decide whether the back end records its trace.
 */
export function propagateTrace(client: SentryClient, urls: Urls): void {
  client.on("beforeOutgoingRequestSpan", (span, hint) => {
    try {
      const request = fields(hint);
      if ("xhr" in request) addToXhr(span, request.xhr, urls);
      else addToFetch(span, request.input, urls);
    } catch {
      // A request without a trace is better than none.
    }
  });
}

/** `00-<trace id>-<span id>-01` of the span, or of the trace that errors on this page are given. */
export function traceparent(span: Span | undefined): string | undefined {
  const data = getTraceData(span?.isRecording() === true ? { span } : {});
  const found = /^([0-9a-f]{32})-([0-9a-f]{16})/.exec(data["sentry-trace"] ?? "");
  return found === null ? undefined : `00-${found[1]}-${found[2]}-01`;
}

function addToFetch(span: Span, input: unknown, urls: Urls): void {
  // The SDK hands on the live arguments of the call, so that what is put into them is sent.
  const args = list(input) as [RequestInfo | URL, RequestInit?];
  const [target, init] = args;
  const url = target instanceof Request ? target.url : String(target);
  if (!urls.isBackend(url)) return;
  const header = traceparent(span);
  const headers = new Headers(init?.headers ?? (target instanceof Request ? target.headers : undefined));
  if (header === undefined || headers.has("traceparent")) return;
  headers.set("traceparent", header);
  args[1] = { ...init, headers };
}

function addToXhr(span: Span, xhr: unknown, urls: Urls): void {
  const request = xhr as XMLHttpRequest & { __sentry_xhr_v3__?: { url?: string; request_headers?: Record<string, string> } };
  const sent = request.__sentry_xhr_v3__;
  if (sent?.url === undefined || !urls.isBackend(sent.url) || "traceparent" in (sent.request_headers ?? {})) return;
  const header = traceparent(span);
  if (header !== undefined) request.setRequestHeader("traceparent", header);
}
