/** What a value may be: a kind of the policy by name, one of a set of words, or a number within bounds. */
export type Kind = string | { readonly enum: readonly string[] } | { readonly number: readonly [number, number] };

/** The policy, as `pazpaz_otel.compile.typescript` renders it. */
export interface Policy {
  /** The version of the policy's format. */
  readonly version: number;
  /** The first 16 hexadecimal digits of the SHA-256 of the policy's canonical JSON. */
  readonly digest: string;
  /** Anchored regular expressions by kind. */
  readonly patterns: Readonly<Record<string, string>>;
  /** Inclusive bounds by kind. */
  readonly ranges: Readonly<Record<string, readonly [number, number]>>;
  /** Kinds of whole numbers; a fraction isn't one of them. */
  readonly whole: readonly string[];
  /** Kinds whose texts leave in lower case. */
  readonly lower: readonly string[];
  /** Kinds whose shape alone proves nothing: what proves them is known to `urls.ts` or to the one who started us. */
  readonly proven: readonly string[];
  /** So many significant digits a fraction keeps. */
  readonly significantDigits: number;
  /** The keys that span and breadcrumb data may have. */
  readonly attributes: Readonly<Record<string, Kind>>;
  /** Hosts whose names may leave, beside the page's own and its back ends'. */
  readonly hosts: readonly string[];
  /** Messages that may leave; what a `{placeholder}` stood for doesn't. */
  readonly messages: readonly string[];
  /** The tags that an event may have. */
  readonly tags: Readonly<Record<string, Kind>>;
  /** The contexts that an event may have, and their members, beside the trace. */
  readonly contexts: Readonly<Record<string, Readonly<Record<string, Kind>>>>;
  /** Exception class names that are never sent. */
  readonly ignoreErrors: readonly string[];
}
