import type { BrowserClient, makeFetchTransport } from "@sentry/browser";
import { rebuildEnvelope, type Item } from "./envelope.js";
import type { Guard } from "./guard.js";
import { fields, list, type Fields } from "./reading.js";

type MakeTransport = typeof makeFetchTransport;
type Transport = ReturnType<MakeTransport>;
type Envelope = Parameters<Transport["send"]>[0];
type Sent = Awaited<ReturnType<Transport["send"]>>;

/** The guard that is asked, or `undefined` while there is none: then nothing passes. */
export type Ask = () => Guard | undefined;

/** Transports that have the guard before them. */
const guarded = new WeakSet();

/** A transport that sends only envelopes made anew; the last gate, behind every hook. */
export function guardedTransport(ask: Ask, compress: boolean, make: MakeTransport): MakeTransport {
  return (options) => {
    const inner = make({ ...options, fetchOptions: { referrerPolicy: "no-referrer", credentials: "omit" } });
    const transport: Transport = {
      send: (envelope) => send(ask, compress, (rebuilt) => inner.send(rebuilt), envelope),
      flush: (timeout) => inner.flush(timeout),
    };
    guarded.add(transport);
    return transport;
  };
}

/**
 * Puts the guard before the transport of every client of this copy of the SDK, those that the application starts
 * itself included.
 *
 * @param found - Told of the first client that isn't the guard's own.
 */
export function guardClients(Client: typeof BrowserClient, ask: Ask, found: () => void): void {
  let isTold = false;
  // eslint-disable-next-line @typescript-eslint/unbound-method -- each is called with the client that it belongs to
  const { getTransport, sendEnvelope } = Client.prototype;
  const shut = (transport: Transport | undefined): Transport | undefined => {
    if (transport === undefined || guarded.has(transport)) return transport;
    const inner = transport.send.bind(transport);
    transport.send = (envelope) => send(ask, false, inner, envelope);
    guarded.add(transport);
    if (!isTold) found();
    isTold = true;
    return transport;
  };
  replace(Client.prototype, "getTransport", function (this: BrowserClient) {
    return shut(getTransport.call(this));
  });
  replace(Client.prototype, "sendEnvelope", function (this: BrowserClient, envelope: Envelope) {
    const transport = getTransport.call(this);
    if (transport !== undefined && !isOwn.has(this)) {
      // Who listens to envelopes that are on their way, as Spotlight does, gets them made anew as well.
      const guard = ask();
      const rebuilt = guard === undefined ? undefined : rebuildEnvelope(guard, envelope);
      shut(transport);
      return rebuilt === undefined ? Promise.resolve({}) : sendEnvelope.call(this, asEnvelope(rebuilt));
    }
    return sendEnvelope.call(this, envelope);
  });
}

const isOwn = new WeakSet<BrowserClient>();

/** Says that a client was made with the guarded transport. */
export function markOwn(client: BrowserClient): void {
  isOwn.add(client);
}

async function send(ask: Ask, compress: boolean, inner: Transport["send"], envelope: unknown): Promise<Sent> {
  const guard = ask();
  if (guard === undefined) return {};
  if (hasRecording(envelope)) await guard.prepare?.(guard);
  const rebuilt = rebuildEnvelope(guard, envelope);
  if (rebuilt === undefined) return {};
  const [header, items] = rebuilt;
  return inner(asEnvelope([header, compress ? await Promise.all(items.map(packRecording)) : items]));
}

function hasRecording(envelope: unknown): boolean {
  return list(list(envelope)[1]).some((item) => fields(list(item)[0]).type === "replay_recording");
}

/** What was made anew, by the name that the SDK has for it: its members' types are the guard's own. */
function asEnvelope(rebuilt: readonly [Fields, Item[]]): Envelope {
  return rebuilt as unknown as Envelope;
}

/** Replaces a method where it is defined, so that subclasses have the new one. */
function replace(prototype: object, name: string, method: (this: BrowserClient, ...args: never[]) => unknown): void {
  let holder: object = prototype;
  while (!Object.hasOwn(holder, name)) {
    const above: unknown = Object.getPrototypeOf(holder);
    if (typeof above !== "object" || above === null) break;
    holder = above;
  }
  Object.defineProperty(holder, name, { value: method, writable: true, configurable: true });
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
    return [{ type, length: packed.length }, packed];
  } catch {
    return item;
  }
}

async function deflate(text: string): Promise<Uint8Array> {
  const stream = new Blob([text]).stream().pipeThrough(new CompressionStream("deflate"));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}
