// Puts texts that stand for a patient into every kind of place of the attacked page, one of each shape into each, or of every
// `step`th shape, in turns. Reads {url, ingest, seed, step} from standard input; prints the texts by kind of place, the headers of each request, what was
// handed over for the origin `ingest`, and what failed.
import { readInput, withPage } from "./browser.mjs";

const { url, ingest, seed, step } = await readInput();

let state = seed;
function draw(below) {
  state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
  return Math.floor((state / 2 ** 32) * below);
}

const pick = (letters) => letters[draw(letters.length)];
const latin = () => Array.from({ length: 5 }, () => pick("bdfgkmnpvz") + pick("aeiou")).join("");
const hebrew = () => Array.from({ length: 9 }, () => pick("אבגדהוזחטיכלמנסעפצקרשת")).join("");
const digits = (count) => Array.from({ length: count }, () => draw(10)).join("");
const cyrillic = () => Array.from({ length: 9 }, () => pick("бвгдежзиклмнопрстуфхцчш")).join("");
const capital = (text) => text.charAt(0).toUpperCase() + text.slice(1);

/** Texts as patients' data is written, each with the part of it that no chance makes. */
const SHAPES = [
  (core = hebrew()) => [`${core} כהן`, core],
  (core = latin()) => [`${capital(core)} Cohen`, core],
  (core = latin()) => [`dr-${core}`, core],
  (core = latin()) => [capital(core), core],
  (core = latin()) => [`${core}@mail.example`, core],
  (core = latin()) => [`notes.${core}_id`, core],
  (core = latin()) => [core, core],
  (core = `5${digits(8)}`) => [`0${core}`, core],
  (core = cyrillic()) => [`Zoë ${core} 👩`, core],
  (core = latin()) => [`<b title="O'Hara">{${core}}</b>`, core],
  (core = latin()) => [`C:\\Users\\${core}\\scan.pdf`, core],
  (core = latin()) => [`https://${core}.example/clients/${core}?q=${core}#x`, core],
  (core = hebrew()) => [encodeURIComponent(core), core],
  (core = latin()) => [`${capital(core)}Error`, core],
  (core = `5${digits(8)}`) => [core.replace(/^(...)(...)/, "$1-$2-"), core],
  (core = latin()) => [btoa(`{"name":"${core}"}`), core],
];

/** Keeps what a page hands to `fetch` for an origin: thousands of requests cost Chromium more than all that makes them. */
function keepHandedOver(origin) {
  if (globalThis.top !== globalThis) return;
  const kept = [];
  // A recording is bytes, which JSON doesn't hold.
  const written = (body) => (body instanceof Uint8Array ? { bytes: btoa(Array.from(body, (byte) => String.fromCharCode(byte)).join("")) } : { text: body });
  globalThis.fetch = new Proxy(globalThis.fetch, {
    // Sentry's SDK takes what says that it is the browser's.
    get: (target, name) => (name === "toString" ? () => "function fetch() { [native code] }" : target[name]),
    apply(target, self, [address, options]) {
      const body = options?.body;
      if (typeof address !== "string" || !address.startsWith(origin) || !(typeof body === "string" || body instanceof Uint8Array)) return target.apply(self, [address, options]);
      const { hash, pathname, search } = new URL(address);
      kept.push({ path: pathname + search + hash, headers: Object.fromEntries(new Headers(options.headers)), ...written(body) });
      return Promise.resolve(new Response("{}"));
    },
  });
  Object.defineProperty(globalThis, "handedOver", { value: () => kept.splice(0) });
}

const seen = await withPage(async (page, logged) => {
  const requests = [];
  page.on("request", (request) => requests.push({ url: request.url(), headers: request.headers() }));
  await page.addInitScript("Math.random = () => 0");
  if (ingest !== "") await page.addInitScript(keepHandedOver, ingest);
  await page.goto(`${url}/`);
  await page.waitForFunction(() => "attack" in globalThis && document.querySelector("#plants"));
  const planted = {};
  const failed = {};
  const handedOver = [];
  const take = async () => handedOver.push(...(await page.evaluate(() => globalThis.handedOver?.() ?? [])));
  const kinds = await page.evaluate(() => globalThis.kinds);
  for (const [turn, kind] of kinds.entries()) {
    planted[kind] = SHAPES.filter((_, index) => index % step === turn % step).map((shape) => shape());
    const texts = planted[kind].map(([text]) => text);
    const error = await page.evaluate(
      ([kind, texts]) => Promise.race([globalThis.attack(kind, texts).then(() => "", String), new Promise((late) => setTimeout(late, 15_000, "late"))]),
      [kind, texts],
    );
    if (error !== "") failed[kind] = error;
    await take();
  }
  await page.evaluate(() => globalThis.finish());
  await take();
  await page.goto("about:blank");
  return { planted, failed, requests, handedOver, logged };
});
process.stdout.write(JSON.stringify(seen));
