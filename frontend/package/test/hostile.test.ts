/** Whatever an envelope holds, the guard doesn't raise, and nothing that isn't proven comes out. */
import { readFileSync, readdirSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import { rebuildEnvelope } from "../src/envelope.js";
import { list } from "../src/reading.js";
import { Recordings, recordingFilters } from "../src/replay/recording.js";
import { guardOf } from "./guards.js";
import "./platform.js";

const CANARY = "Zquithbazin";
const folder = fileURLToPath(new URL("../../../tests/vectors/sentry_browser/", import.meta.url));
const KINDS = ["event", "transaction", "replay_event", "recording"] as const;
/** Members that say what an object is: without them nothing would get far enough to leak. */
const DISCRIMINATORS = new Set(["type", "category", "tag", "op", "source", "timestamp", "id", "tagName"]);

interface File {
  readonly surface: string;
  readonly vectors: readonly { readonly id: string; readonly input: unknown }[];
}

const inputs = readdirSync(folder)
  .filter((name) => name.endsWith(".yaml"))
  .map((name) => parse(readFileSync(folder + name, "utf8")) as File)
  .filter((file) => (KINDS as readonly string[]).includes(file.surface) || file.surface === "breadcrumb")
  .flatMap((file) => file.vectors.map((vector) => ({ ...vector, surface: file.surface })));

/** Every text in `value` replaced, every object given a member that nobody knows; a seeded draw spares discriminators. */
function poisoned(value: unknown, draw: () => number, key = ""): unknown {
  if (typeof value === "string") return DISCRIMINATORS.has(key) && draw() < 0.9 ? value : `${CANARY} ${value}`;
  if (typeof value === "number") return DISCRIMINATORS.has(key) || draw() < 0.7 ? value : CANARY;
  if (Array.isArray(value)) return [...value.map((one) => poisoned(one, draw, key)), CANARY];
  if (typeof value !== "object" || value === null) return draw() < 0.5 ? value : { [CANARY]: CANARY };
  const members = Object.entries(value).map(([name, member]) => [name, poisoned(member, draw, name)]);
  return { ...Object.fromEntries(members), [CANARY]: CANARY, [`${CANARY}.${key}`]: { [CANARY]: CANARY } };
}

function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 1_664_525 + 1_013_904_223) % 4_294_967_296;
    return state / 4_294_967_296;
  };
}

function leaves(surface: string, value: unknown): unknown {
  const guard = guardOf({}, recordingFilters());
  if (surface === "recording") {
    const recordings = new Recordings();
    return list(Array.isArray(value) ? value : [value]).map((event) => recordings.event(guard, event));
  }
  const payload = surface === "breadcrumb" ? { breadcrumbs: [value] } : value;
  const kind = surface === "breadcrumb" ? "event" : surface;
  return rebuildEnvelope(guard, [{ [CANARY]: CANARY, sent_at: CANARY, trace: { transaction: CANARY } }, [[{ type: kind, name: CANARY }, payload]]]);
}

describe("a payload with a patient in every text", () => {
  for (const { id, surface, input } of inputs) {
    test(id, () => {
      for (let seed = 0; seed < 40; seed += 1) {
        const left = JSON.stringify([leaves(surface, poisoned(input, seeded(seed)))]);
        expect(left).not.toContain(CANARY);
      }
    });
  }
});

describe("a payload that can't be read", () => {
  const cyclic: Record<string, unknown> = { type: "event" };
  cyclic.exception = { values: [cyclic] };
  cyclic.breadcrumbs = [cyclic];
  const trap = new Proxy({}, { get: raise, ownKeys: raise });
  const deep: Record<string, unknown> = { type: 0, id: 1 };
  let node = deep;
  for (let level = 0; level < 20_000; level += 1) {
    const child: Record<string, unknown> = { type: 2, id: 1, tagName: "div", attributes: {} };
    node.childNodes = [child];
    node = child;
  }
  const cases: Record<string, unknown> = {
    "no envelope": undefined,
    "items that are none": [{}, "items"],
    "an item that is none": [{}, [undefined]],
    "no payload": [{}, [[{ type: "event" }]]],
    "a cycle": [{}, [[{ type: "event" }, cyclic]]],
    "a payload that raises": [{}, [[{ type: "event" }, trap]]],
    "a header that raises": [trap, [[{ type: "event" }, {}]]],
    "a recording that isn't JSON": [{}, [[{ type: "replay_event" }, {}], [{ type: "replay_recording" }, `${CANARY}\n[`]]],
    "a recording without a line": [{}, [[{ type: "replay_event" }, {}], [{ type: "replay_recording" }, CANARY]]],
    "a recording without end": [
      {},
      [[{ type: "replay_event" }, {}], [{ type: "replay_recording" }, `{"segment_id":0}\n[{"type":2,"timestamp":1795553561000,"data":{"node":${deepJson()}}}]`]],
    ],
    "a symbol": [{}, [[{ type: "event" }, { level: Symbol(CANARY), tags: { [Symbol(CANARY)]: 1 }, message: 1n }]]],
  };
  for (const [name, envelope] of Object.entries(cases)) {
    test(name, () => {
      expect(JSON.stringify([rebuildEnvelope(guardOf({}, recordingFilters()), envelope)])).not.toContain(CANARY);
    });
  }
});

function raise(): never {
  throw new Error(CANARY);
}

function deepJson(): string {
  return `${'{"type":2,"id":1,"tagName":"div","attributes":{},"childNodes":['.repeat(3000)}${"]}".repeat(3000)}`;
}

test("an item that can't be read takes no other with it", () => {
  const id = "741d2998ead746ba996e0e81e4a0cbf6";
  const unreadable = new Proxy({}, { get: raise, ownKeys: raise });
  const [, items] = rebuildEnvelope(guardOf({}, recordingFilters()), [{}, [[{ type: "event" }, unreadable], [{ type: "event" }, { event_id: id }]]]) ?? [];
  expect(items).toEqual([[{ type: "event" }, expect.objectContaining({ event_id: id })]]);
});

test("what is dropped is counted by kind and reason, never by text", () => {
  const counted: string[] = [];
  const guard = guardOf({}, { ...recordingFilters(), dropped: (item, reason) => counted.push(`${item} ${reason}`) });
  rebuildEnvelope(guard, [{}, [[{ type: CANARY }, {}], [{ type: "session" }, {}], [{ type: "replay_recording" }, new Uint8Array(3)]]]);
  expect(counted).toEqual(["other forbidden_item", "other forbidden_item", "replay_recording unreadable"]);
});
