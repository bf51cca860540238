import { inflateSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { recordingFilters } from "../src/replay/recording.js";
import { guardedTransport } from "../src/transport.js";
import { guardOf } from "./guards.js";
import "./platform.js";

type Envelope = [Record<string, unknown>, [Record<string, unknown>, unknown][]];

const RECORDING = '{"segment_id":3}\n[{"type":1,"timestamp":1795553561000,"data":{"dana":"dana"}}]';
const REPLAY: Envelope = [{}, [[{ type: "replay_event" }, { dana: "dana" }], [{ type: "replay_recording" }, RECORDING]]];

/** What the transport behind the guard gets for an envelope, and the options that it was made with. */
async function behind(envelope: Envelope, compress: boolean): Promise<{ sent: Envelope[]; options: Record<string, unknown> }> {
  const guard = guardOf({}, recordingFilters());
  const sent: Envelope[] = [];
  let options: Record<string, unknown> = {};
  const make = (given: unknown): unknown => {
    options = given as Record<string, unknown>;
    return { send: (one: Envelope) => Promise.resolve(void sent.push(one)), flush: () => Promise.resolve(true) };
  };
  const transport = guardedTransport(() => guard, compress, make as never)({ url: "https://sentry.example", recordDroppedEvent: () => undefined });
  await transport.send(envelope as never);
  return { sent, options };
}

describe("a recording", () => {
  test("is deflated behind the guard, its own line in the clear, its length told", async () => {
    const { sent } = await behind(REPLAY, true);
    const [header, payload] = sent[0]?.[1][1] ?? [{}, new Uint8Array()];
    const bytes = payload as Uint8Array;
    const line = bytes.indexOf(10);
    expect(header).toEqual({ type: "replay_recording", length: bytes.length });
    expect(new TextDecoder().decode(bytes.slice(0, line))).toBe('{"segment_id":3}');
    expect(JSON.parse(inflateSync(bytes.slice(line + 1)).toString())).toEqual([{ type: 1, data: {}, timestamp: 1795553561000 }]);
  });

  test("stays text where it is told to", async () => {
    const { sent } = await behind(REPLAY, false);
    expect(sent[0]?.[1][1]?.[1]).toBe('{"segment_id":3}\n[{"type":1,"data":{},"timestamp":1795553561000}]');
  });

  test("that came compressed isn't sent, nor is its companion", async () => {
    const packed: Envelope = [{}, [[{ type: "replay_event" }, {}], [{ type: "replay_recording" }, new Uint8Array([120, 156])]]];
    expect((await behind(packed, true)).sent).toEqual([]);
  });
});

test("requests tell no page's address and no cookie", async () => {
  const { options } = await behind(REPLAY, false);
  expect(options.fetchOptions).toEqual({ referrerPolicy: "no-referrer", credentials: "omit" });
});
