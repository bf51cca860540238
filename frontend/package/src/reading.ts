/** Reads values of unknown type; a value of another type than asked for is absent. */
export type Fields = Readonly<Record<string, unknown>>;

export function fields(value: unknown): Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Fields) : {};
}

export function list(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

/** A whole number within bounds. */
export function whole(value: unknown, low = 0, high = 1_000_000): number | undefined {
  return typeof value === "number" && Number.isInteger(value) && value >= low && value <= high ? value : undefined;
}

/** A number within bounds, to three decimals: more digits than a measurement has could be somebody's. */
export function measured(value: unknown, low = -100_000, high = 100_000): number | undefined {
  if (typeof value !== "number" || !Number.isFinite(value) || value < low || value > high) return undefined;
  return Math.round(value * 1000) / 1000;
}

/** A time between 2020 and 2100, in seconds (`scale` 1) or milliseconds (`scale` 1000) of the epoch. */
export function time(value: unknown, scale: 1 | 1000 = 1): number | undefined {
  if (typeof value !== "number" || !Number.isFinite(value)) return undefined;
  return value >= 1_577_836_800 * scale && value <= 4_102_444_800 * scale ? value : undefined;
}

export function oneOf<T extends string>(value: unknown, words: readonly T[]): T | undefined {
  return words.find((word) => word === value);
}

/** A size or a duration, to four digits: more of them could be somebody's number. */
export function coarse(value: unknown): number | undefined {
  return typeof value === "number" && value >= 0 && value <= 1_099_511_627_776 ? Number(value.toPrecision(4)) : undefined;
}

/** What chance doesn't give: a number that was filled up, one without letters, a text's own bytes. */
const MADE = /^0{6}|0{6}$|^[0-9]{32}$|^(?:00|[2-7][0-9a-f]){16}$|^(?:[46][1-9a-f]|[57][0-9a]|2[0de]|5f|00){8}$/;

/** 32 hexadecimal digits that chance gave: a trace id, an event id, a replay id. */
export function hex32(value: unknown): string | undefined {
  return typeof value === "string" && /^[0-9a-f]{32}$/.test(value) && !MADE.test(value) ? value : undefined;
}

/** 16 of them: a span id. */
export function hex16(value: unknown): string | undefined {
  return typeof value === "string" && /^[0-9a-f]{16}$/.test(value) && !MADE.test(value) ? value : undefined;
}

/** A property that the object itself has, never one of its prototype. */
export function own<T>(object: Readonly<Record<string, T>>, key: string): T | undefined {
  return Object.hasOwn(object, key) ? object[key] : undefined;
}

/** `members` without those that are `undefined`; servers refuse nulls, and an absent key says as much. */
export function present<T extends Record<string, unknown>>(members: T): { [K in keyof T]?: NonNullable<T[K]> } {
  const kept: { [K in keyof T]?: NonNullable<T[K]> } = {};
  // A member of the prototype's is the page's.
  for (const key of Object.keys(members) as (keyof T)[]) {
    const value = members[key];
    if (value !== undefined && value !== null) kept[key] = value;
  }
  return kept;
}

/** `members`, or `undefined` where all of them are. */
export function presentOrNone<T extends Record<string, unknown>>(members: T): Partial<T> | undefined {
  const kept: Partial<T> = present(members);
  return Object.keys(kept).length > 0 ? kept : undefined;
}
