// @vitest-environment happy-dom
/** Events of a recording that reach the guard as they are, past the text that Sentry's buffer makes of them. */
import { replayIntegration } from "@sentry/browser";
import { expect, test } from "vitest";
import { recorder } from "../src/replay/recorder.js";
import { guardOf } from "./guards.js";
import "./platform.js";

const TIME = 1795553561000;

type Processor = { eventProcessor: (event: object) => object };

/** The recorder of a stand-in for Sentry's integration: what marks its events, and the filter that they reach. */
function recorded(): { mark: (event: object) => object; segment: (events: unknown) => unknown } {
  const options: { plugins?: Processor[] } = {};
  const { integration, filters } = recorder((() => ({ name: "Replay", _recordingOptions: options })) as never);
  integration();
  const guard = guardOf();
  return {
    mark: (event) => options.plugins?.[0]?.eventProcessor(event) ?? event,
    segment: (events) => filters.replay_recording?.(guard, `{"segment_id":3}\n${JSON.stringify(events)}`),
  };
}

const snapshot = (name: string): object => ({ type: 2, timestamp: TIME, data: { node: { type: 0, id: 7, childNodes: [{ type: 2, id: 8, tagName: "main", attributes: { title: name }, childNodes: [{ type: 3, id: 9, textContent: name }] }] } } });

test("Sentry's integration has the field that tells its recorder; a release that moves it fails here", () => {
  const { integration } = recorder(replayIntegration);
  expect(integration()).toMatchObject({ _recordingOptions: { maskAllText: true, plugins: [{ name: "live" }] } });
});

test("an event is written by its size alone, and arrives as it is, made anew", () => {
  const { mark, segment } = recorded();
  const event = mark(snapshot("Dana"));
  expect(JSON.stringify(event)).toBe(JSON.stringify(snapshot("Dana")));
  expect(JSON.stringify([event])).toBe("[1]");
  const plain = recorded().segment([snapshot("Dana")]);
  expect(plain).toContain('"tagName":"main"');
  expect(segment([event])).toBe(plain);
  expect(plain).not.toContain("Dana");
});

test("a large change isn't written to know its size", () => {
  const { mark } = recorded();
  const node = (id: number): object => ({ type: 2, id, tagName: "td", attributes: { class: "cell", title: "x".repeat(40) }, childNodes: [{ type: 3, id: id + 50_000, textContent: "****" }] });
  const change = (): object => ({ type: 3, timestamp: TIME, data: { source: 0, texts: [{ id: 7, value: "****" }], adds: Array.from({ length: 2000 }, (_, at) => ({ parentId: 12_345, nextId: null, node: node(10_000 + at) })) } });
  const [text, sized] = [JSON.stringify(change()), JSON.stringify(mark(change()))];
  expect(sized).not.toContain("cell");
  expect(sized.length / text.length).toBeGreaterThan(0.8);
  expect(sized.length / text.length).toBeLessThan(1.25);
});

test("a segment that is sent again is the same; numbers of none and of others are nothing", () => {
  const { mark, segment } = recorded();
  const events = [{ type: 0, timestamp: TIME, data: {} }, mark(snapshot("Dana"))];
  const payload = JSON.parse(JSON.stringify(events)) as unknown[];
  const first = segment(payload);
  expect(first).toContain('"tagName":"main"');
  expect(segment(payload)).toBe(first);
  expect(segment([...payload, 4, -1, 0.5])).toBe('{"segment_id":3}\n[{"type":0,"data":{},"timestamp":1795553561000}]');
});

test("what was never sent is let go of with the next list", () => {
  const { mark, segment } = recorded();
  const [first] = JSON.parse(JSON.stringify([mark(snapshot("Dana"))])) as unknown[];
  const [second] = JSON.parse(JSON.stringify([mark(snapshot("Dana"))])) as unknown[];
  expect(segment([first])).toBe('{"segment_id":3}\n[]');
  expect(segment([second])).toContain('"tagName":"main"');
});
