import { fields } from "./reading.js";
import type { SentryClient } from "./sdk.js";

/** Causes that are looked through for a request's id. */
const MOST_CAUSES = 5;

/**
 * Notes an event's page, and tags it with the request that it is about: the `requestId` of its error or of one of its causes.
 *
 * A tag on the page's scope would stay for errors that have nothing to do with that request.
 */
export function tagEvents(client: SentryClient): void {
  client.addEventProcessor((event, hint) => {
    const id = requestOf(hint.originalException);
    return {
      ...event,
      request: { url: location.href, ...event.request },
      ...(id === undefined ? {} : { tags: { ...event.tags, request_id: id } }),
    };
  });
}

function requestOf(error: unknown): string | undefined {
  let source = error;
  for (let cause = 0; cause < MOST_CAUSES && source !== undefined; cause += 1) {
    try {
      const { requestId, cause: next } = fields(source);
      if (typeof requestId === "string" && requestId.length === 36) return requestId;
      source = next;
    } catch {
      return undefined;
    }
  }
  return undefined;
}
