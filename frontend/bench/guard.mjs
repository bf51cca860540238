// What the guard itself takes: a transaction of 300 spans where the source has 844 routes, as it leaves through the transport.
import { makeGuard } from "../package/dist/guard.js";
import { rebuildEnvelope } from "../package/dist/envelope.js";
import { policy } from "../package/dist/policy.gen.js";

const ROUTES = 844;
const SPANS = 300;

/** Milliseconds that one transaction takes, the median of `runs`. */
export function measureTransaction(runs = 41) {
  const routes = Array.from({ length: ROUTES }, (_, index) => `/api/v1/${["clients", "notes", "rooms", "slots"][index % 4]}/{}/part${index}/{}`);
  const guard = makeGuard({ policy, facts: { routes }, origin: "https://practice.example", release: "1.2.3", environment: "production" });
  const spans = Array.from({ length: SPANS }, (_, index) => ({
    trace_id: "d306baed46bf46ee9f5e129d2a4928e6",
    span_id: (0x91f8d5410f53 + index).toString(16).padStart(16, "0"),
    parent_span_id: "91f8d5410f530b2f",
    op: "http.client",
    origin: "auto.http.browser",
    status: "ok",
    description: `GET /api/v1/notes/${index}/part${(index * 4 + 1) % ROUTES}/x?q=1`,
    start_timestamp: 1795553560,
    timestamp: 1795553561,
    data: { "http.request.method": "GET", "url.full": `https://practice.example/api/v1/notes/${index}/part1/x`, "http.response.status_code": 200, type: "fetch" },
  }));
  const transaction = { type: "transaction", transaction: "/clients", start_timestamp: 1795553560, timestamp: 1795553561, contexts: { trace: { trace_id: "d306baed46bf46ee9f5e129d2a4928e6", span_id: "91f8d5410f530b2f", op: "pageload" } }, spans };
  const took = Array.from({ length: runs }, () => {
    const started = performance.now();
    rebuildEnvelope(guard, [{}, [[{ type: "transaction" }, transaction]]]);
    return performance.now() - started;
  });
  return took.sort((a, b) => a - b)[runs >> 1];
}
