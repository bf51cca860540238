/** What an entry with recordings adds: Sentry's integration, and the filters of its two items. */
import type { replayIntegration } from "@sentry/browser";
import type { Recorder } from "../sdk.js";
import { LiveEvents } from "./live.js";
import { MASK } from "./nodes.js";
import { recordingFilters } from "./recording.js";

/** @param make - Sentry's `replayIntegration`, of the entry's own package. */
export function recorder(make: typeof replayIntegration): Recorder {
  const live = new LiveEvents();
  return {
    // Compressed, a recording couldn't be read by the guard, which compresses it afterwards.
    integration: () => live.attach(make({ useCompression: false, networkCaptureBodies: false, maskAllText: true, maskAllInputs: true, blockAllMedia: true, maskFn })),
    ...recordingFilters(live),
  };
}

/** All that the guard asks of a text: whether it is a letter or two. Its other letters needn't be replaced one by one. */
function maskFn(text: string): string {
  return text.trim().length > 2 ? MASK : text.replace(/\S/g, "*");
}
