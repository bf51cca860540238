import type { BrowserClient } from "@sentry/browser";
import { rebuildEnvelope, type Item } from "./envelope.js";
import type { Guard } from "./guard.js";
import { fields, list, type Fields } from "./reading.js";
import type { Sdk } from "./sdk.js";

type MakeTransport = Sdk["makeFetchTransport"];
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
    const transport = gated(ask, compress, make({ ...options, fetchOptions: { referrerPolicy: "no-referrer", credentials: "omit" } }));
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
export function guardClients({ BrowserClient: { prototype }, makeFetchTransport: makeFetch }: Pick<Sdk, "BrowserClient" | "makeFetchTransport">, ask: Ask, found: () => void): void {
  let isTold = false;
  // eslint-disable-next-line @typescript-eslint/unbound-method -- each is called with the client that it belongs to
  const { getDsn, getTransport, on, sendEnvelope } = prototype;
  const shut = (client: BrowserClient): Transport | undefined => {
    const [transport, dsn] = [getTransport.call(client), getDsn.call(client)];
    if (transport === undefined || guarded.has(transport)) return transport;
    const { transport: make, tunnel } = client.getOptions();
    // The SDK's own transport is made anew: headers and the client's name in its address can be data's.
    const made = make === makeFetch ? makeFetch({ url: tunnel ?? (dsn === undefined ? "" : addressOf(dsn)), recordDroppedEvent: () => undefined }) : transport;
    // eslint-disable-next-line @typescript-eslint/unbound-method -- each is called with the transport that it belongs to
    const { send: pass, flush } = made;
    Object.assign(transport, gated(ask, false, { send: (envelope) => pass.call(made, envelope), flush: (timeout) => flush.call(made, timeout) }));
    guarded.add(transport);
    if (!isTold) found();
    isTold = true;
    return transport;
  };
  replace(prototype, "getTransport", function () {
    return shut(this);
  });
  replace(prototype, "sendEnvelope", function (envelope: Envelope) {
    shut(this);
    return sendEnvelope.call(this, envelope);
  });
  // Who listens to envelopes that are on their way, as Spotlight does, gets them made anew as well, without recordings.
  replace(prototype, "on", function (hook: string, told: (envelope: Envelope) => void) {
    const tell = ([header, items]: Envelope): void => {
      const guard = ask();
      const rebuilt = guard && rebuildEnvelope(guard, [header, list(items).filter((item) => !isRecording(item))]);
      if (rebuilt !== undefined) told(asEnvelope(rebuilt));
    };
    return Reflect.apply(on, this, [hook, hook === "beforeEnvelope" ? tell : told]);
  });
  // Sentry's dialogue for reports asks for a script at this address, with the account's name and mail in the query.
  replace(prototype, "getDsn", function () {
    const dsn = getDsn.call(this);
    return dsn && { ...dsn, protocol: "about" };
  });
}

/** Where a project takes envelopes. */
function addressOf({ protocol, host, port, path, projectId, publicKey }: NonNullable<ReturnType<BrowserClient["getDsn"]>>): string {
  return `${protocol}://${host}${port && `:${port}`}${path && `/${path}`}/api/${projectId}/envelope/?sentry_key=${publicKey ?? ""}&sentry_version=7`;
}

/** A transport with the guard before it. */
function gated(ask: Ask, compress: boolean, inner: Transport): Transport {
  const sending = new Set<Promise<Sent>>();
  return {
    send: (envelope) => {
      const sent = send(ask, compress, inner, envelope).finally(() => sending.delete(sent));
      sending.add(sent);
      return sent;
    },
    // The transport behind knows nothing yet of an envelope that is being made anew.
    flush: (timeout) =>
      Promise.race([
        Promise.allSettled(sending).then(() => inner.flush(timeout)),
        ...(timeout === undefined || timeout === 0 ? [] : [new Promise<boolean>((late) => setTimeout(late, timeout, false))]),
      ]),
  };
}

async function send(ask: Ask, compress: boolean, inner: Transport, envelope: unknown): Promise<Sent> {
  const guard = ask();
  if (guard === undefined) return {};
  if (hasRecording(envelope)) await guard.prepare?.(guard);
  const rebuilt = rebuildEnvelope(guard, envelope);
  if (rebuilt === undefined) return {};
  const [header, items] = rebuilt;
  return inner.send(asEnvelope([header, await Promise.all(items.map((item) => packRecording(item, compress)))]));
}

function hasRecording(envelope: unknown): boolean {
  return list(list(envelope)[1]).some(isRecording);
}

function isRecording(item: unknown): boolean {
  return /^replay_/.test(String(fields(list(item)[0]).type));
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

/** A recording whose header tells its bytes; its events deflated, as Sentry's servers take them, where the browser can. */
async function packRecording(item: Item, compress: boolean): Promise<Item> {
  const [{ type }, payload] = item;
  if (type !== "replay_recording" || typeof payload !== "string") return item;
  const newline = payload.indexOf("\n") + 1;
  const deflated = compress ? await deflate(payload.slice(newline)).catch(() => undefined) : undefined;
  if (deflated === undefined) return [{ type, length: new TextEncoder().encode(payload).length }, payload];
  const packed = new Uint8Array(await new Blob([payload.slice(0, newline), deflated]).arrayBuffer());
  return [{ type, length: packed.length }, packed];
}

async function deflate(text: string): Promise<ArrayBuffer> {
  const { readable, writable } = new CompressionStream("deflate");
  const writer = writable.getWriter();
  // As a `Blob` the text would go to the browser's process and back.
  const [deflated] = await Promise.all([new Response(readable).arrayBuffer(), writer.write(new TextEncoder().encode(text)), writer.close()]);
  return deflated;
}
