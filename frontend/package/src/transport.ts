import { makeFetchTransport } from "@sentry/vue";
import { rebuildEnvelope, type Item } from "./envelope.js";
import type { Guard } from "./guard.js";
import type { Fields } from "./reading.js";

type MakeTransport = typeof makeFetchTransport;
type Transport = ReturnType<MakeTransport>;
type Sent = Awaited<ReturnType<Transport["send"]>>;

/** A transport that sends only envelopes made anew; the last gate, behind every hook. */
export function guardedTransport(guard: Guard, compress: boolean, make: MakeTransport = makeFetchTransport): MakeTransport {
  return (options) => {
    const inner = make({ ...options, fetchOptions: { referrerPolicy: "no-referrer", credentials: "omit" } });
    return {
      send: (envelope) => send(guard, compress, inner, envelope),
      flush: (timeout) => inner.flush(timeout),
    };
  };
}

async function send(guard: Guard, compress: boolean, inner: Transport, envelope: unknown): Promise<Sent> {
  const rebuilt = rebuildEnvelope(guard, envelope);
  if (rebuilt === undefined) return {};
  const [header, items] = rebuilt;
  const packed = compress ? await Promise.all(items.map(packRecording)) : items;
  return inner.send([header, packed] as unknown as Parameters<Transport["send"]>[0]);
}

/** A recording with its events deflated, as Sentry's servers take them; as it was where the browser can't. */
async function packRecording(item: Item): Promise<Item> {
  const [{ type }, payload] = item;
  if (type !== "replay_recording" || typeof payload !== "string" || typeof CompressionStream === "undefined") return item;
  try {
    const newline = payload.indexOf("\n") + 1;
    const deflated = await deflate(payload.slice(newline));
    const name = new TextEncoder().encode(payload.slice(0, newline));
    const packed = new Uint8Array(name.length + deflated.length);
    packed.set(name);
    packed.set(deflated, name.length);
    const header: Fields = { type, length: packed.length };
    return [header, packed];
  } catch {
    return item;
  }
}

async function deflate(text: string): Promise<Uint8Array> {
  const stream = new Blob([text]).stream().pipeThrough(new CompressionStream("deflate"));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}
