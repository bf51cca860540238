import { fields, list } from "./reading.js";

/** What the application's build knows of its own source; the Vite plug-in hands it over. */
export interface BuildFacts {
  /** `VITE_SENTRY_DSN` at build. */
  readonly dsn?: string;
  /** `VITE_SENTRY_RELEASE` at build. */
  readonly release?: string;
  /** `VITE_SENTRY_ENVIRONMENT`, else Vite's mode. */
  readonly environment?: string;
  /** `VITE_SENTRY_BACKENDS` at build. */
  readonly backends?: readonly string[];
  /** Whether a development server runs the page. */
  readonly development?: boolean;
  /** The folder that `files` lie in, as an absolute URL; the page's origin where the build left no list. */
  readonly root?: string;
  /** Scripts and style sheets that the build wrote, below `root`. */
  readonly files?: readonly string[];
  /** Literals of the statements that raise, capture or log. */
  readonly messages?: readonly string[];
  /** The same, as `fingerprint` of each, one after the other. */
  readonly fingerprints?: string;
  /** Template literals of those statements, with `{name}` for what is put in. */
  readonly templates?: readonly string[];
  /** Names in the source: classes, components, members. */
  readonly names?: readonly string[];
  /** Paths in the source, with `{}` for what is put in. */
  readonly routes?: readonly string[];
  /** Paths of the router's records, also relative ones. */
  readonly pages?: readonly string[];
  /** Class names that may leave, beside those of the style sheets that the build wrote. */
  readonly classes?: readonly string[];
  /** Class names that the source chooses at run time: they tell a state. */
  readonly states?: readonly string[];
}

const REGISTRY = Symbol.for("@pazpaz/otel-browser");

const LISTS = ["backends", "files", "messages", "templates", "names", "routes", "pages", "classes", "states"] as const;

/** What the builds of this page have handed over, as it is now: what is added later has to be asked for again. */
export function handedOver(): BuildFacts[] {
  return list(Reflect.get(globalThis, REGISTRY)).map(readOne).filter((facts) => facts !== undefined);
}

/** The number of hand-overs; a development server adds one with each module. */
export function handOvers(): number {
  return list(Reflect.get(globalThis, REGISTRY)).length;
}

/** Several builds' facts as one; of a setting that several have, the last counts. Files carry their own roots. */
export function merge(all: readonly BuildFacts[]): BuildFacts {
  const merged = all.reduce<Record<string, unknown>>((known, facts) => ({ ...known, ...facts }), {});
  for (const name of LISTS) {
    if (all.some((facts) => facts[name] !== undefined)) merged[name] = all.flatMap((facts) => facts[name] ?? []);
  }
  merged.files = all.flatMap((facts) => (facts.files ?? []).map((file) => (facts.root ?? "") + file));
  merged.fingerprints = all.map((facts) => facts.fingerprints ?? "").join("");
  return all.length === 1 ? merged : { ...merged, root: "" };
}

/** One hand-over: the facts as JSON, and the address of the script that brought them. */
function readOne(entry: unknown): BuildFacts | undefined {
  const [text, address] = list(entry);
  if (typeof text !== "string") return undefined;
  try {
    const given = fields(JSON.parse(text));
    const facts: Record<string, unknown> = {};
    for (const [name, value] of Object.entries(given)) {
      facts[name] = typeof value === "string" && (LISTS as readonly string[]).includes(name) ? value.split("\n").filter(Boolean) : value;
    }
    return { ...facts, root: rootOf(address, given.self) };
  } catch {
    return undefined;
  }
}

/** The folder that a build is served from: the script's address without its own name in the build. */
function rootOf(address: unknown, self: unknown): string {
  const bare = typeof address === "string" ? (address.split(/[?#]/, 1)[0] ?? "") : "";
  return typeof self === "string" && bare.endsWith(self) ? bare.slice(0, bare.length - self.length) : "";
}

const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/** How long a fingerprint is. */
export const FINGERPRINT = 7;

/** 42 bits of a text, in seven characters: a list of a thousand texts takes one of four billion others for its own. */
export function fingerprint(text: string): string {
  let [low, high] = [0xdeadbeef, 0x41c6ce57];
  for (let at = 0; at < text.length; at += 1) {
    const unit = text.charCodeAt(at);
    low = Math.imul(low ^ unit, 0x9e3779b1);
    high = Math.imul(high ^ unit, 0x5f356495);
  }
  low = Math.imul(low ^ (low >>> 16), 0x85ebca6b) ^ Math.imul(high ^ (high >>> 13), 0xc2b2ae35);
  high = Math.imul(high ^ (high >>> 16), 0x85ebca6b) ^ Math.imul(low ^ (low >>> 13), 0xc2b2ae35);
  let made = "";
  for (let digit = 0; digit < FINGERPRINT; digit += 1) {
    made += ALPHABET.charAt(((digit < 5 ? low : high) >>> ((digit % 5) * 6)) & 63);
  }
  return made;
}

/** Fingerprints that stand one after the other. */
export function pieces(fingerprints: string): string[] {
  return fingerprints.match(new RegExp(`.{${FINGERPRINT}}`, "g")) ?? [];
}
