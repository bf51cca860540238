import { rebuildBreadcrumbs } from "./breadcrumbs.js";
import { rebuildNamed } from "./data.js";
import type { Guard } from "./guard.js";
import { accept } from "./kinds.js";
import { fields, hex16, hex32, list, oneOf, own, present, presentOrNone, time, type Fields } from "./reading.js";
import { rebuildStack } from "./stack.js";
import { WITHHELD } from "./text.js";

const LEVELS = ["fatal", "error", "warning", "log", "info", "debug"] as const;

/** What made a span or found an error: words of the SDK's own, as far as a name is put together of them. */
const ORIGIN =
  /^(?:manual|generic|instrument|onerror|onunhandledrejection|chained|auto(?:\.(?:browser|browserapierrors|client|core|error_handler|function|global_handlers|http|inp|linked_errors|metrics|navigation|onerror|onunhandledrejection|pageload|react|resource|setTimeout|ui|vue))+)(?=\.|$)/;

/** Exceptions that one event keeps; causes and group members come after the first. */
const MOST_EXCEPTIONS = 20;

/** Whether the policy says that an event of these errors is never sent. */
export function isIgnored(guard: Guard, event: unknown): boolean {
  return list(fields(fields(event).exception).values).some((exception) => guard.policy.ignoreErrors.includes(String(fields(exception).type)));
}

/** An error or message event made anew, or `undefined` where the policy never sends it. */
export function rebuildEvent(guard: Guard, event: unknown): Fields | undefined {
  const source = fields(event);
  if (isIgnored(guard, source)) {
    guard.dropped("event", "ignored_error");
    return undefined;
  }
  const exceptions = list(fields(source.exception).values).slice(0, MOST_EXCEPTIONS);
  const values = exceptions.map((exception) => rebuildException(guard, exception));
  return {
    ...rebuildCommon(guard, source),
    ...present({
      level: oneOf(source.level, LEVELS),
      exception: values.length > 0 ? { values } : undefined,
      logentry: rebuildMessage(guard, source),
      breadcrumbs: rebuildBreadcrumbs(guard, source.breadcrumbs),
      debug_meta: rebuildDebugMeta(guard, source.debug_meta),
    }),
  };
}

/** What events of every kind have: identity, release, SDK, page, account, tags and contexts. */
export function rebuildCommon(guard: Guard, source: Fields): Record<string, unknown> {
  return present({
    event_id: hex32(source.event_id),
    timestamp: time(source.timestamp),
    platform: "javascript",
    release: guard.release,
    environment: guard.environment,
    sdk: rebuildSdk(source.sdk),
    transaction: rebuildTransactionName(guard, source.transaction),
    request: presentOrNone({ url: guard.urls.page(fields(source.request).url) }),
    user: presentOrNone({ id: accept(guard.policy, "uuid", fields(source.user).id) }),
    tags: presentOrNone(rebuildTags(guard, fields(source.tags))),
    contexts: presentOrNone(rebuildContexts(guard, fields(source.contexts))),
  });
}

function rebuildTags(guard: Guard, tags: Fields): Record<string, unknown> {
  // By the last of them the SDK knows that an error's recording is to be sent.
  return present({ ...rebuildNamed(guard, guard.policy.tags, tags), replayId: hex32(tags.replayId) });
}

/** The SDK's own name and version, and that the server must not keep the visitor's address: it would where nobody says so. */
export function rebuildSdk(sdk: unknown): Fields {
  const { name, version } = fields(sdk);
  const known = oneOf(name, ["sentry.javascript.vue", "sentry.javascript.browser", "sentry.javascript.react"]);
  const named = known !== undefined && typeof version === "string" && /^\d{1,2}\.\d{1,3}\.\d{1,3}$/.test(version) ? { name: known, version } : {};
  return { ...named, settings: { infer_ip: "never" } };
}

/** A page's route template; a name that isn't one doesn't leave. */
export function rebuildTransactionName(guard: Guard, name: unknown): string | undefined {
  if (typeof name !== "string" || !name.startsWith("/")) return undefined;
  return guard.urls.pagePath(name) ?? guard.urls.template(name);
}

/** The trace that the item belongs to. */
export function rebuildTrace(context: unknown): Record<string, unknown> | undefined {
  const trace = fields(context);
  const traceId = hex32(trace.trace_id);
  if (traceId === undefined) return undefined;
  return present({
    trace_id: traceId,
    span_id: hex16(trace.span_id),
    parent_span_id: hex16(trace.parent_span_id),
    op: operation(trace.op),
    status: spanStatus(trace.status),
    origin: origin(trace.origin),
  });
}

/** What a span does: one of the SDK's own words. */
export function operation(value: unknown): string | undefined {
  return typeof value === "string" && OPERATION.test(value) ? value : undefined;
}

const OPERATION =
  /^(?:pageload|navigation(?:\.redirect)?|http\.client|mark|measure|paint|default|browser(?:\.(?:cache|connect|dns|DNS|paint|redirect|request|response|tls_ssl|TLS\/SSL|dom_content_loaded_event|load_event|unload_event|domContentLoadedEvent|loadEvent|unloadEvent))?|resource\.(?:audio|beacon|css|fetch|frame|icon|iframe|img|link|object|other|ping|script|track|video|worker|xhr)|ui\.(?:action(?:\.click)?|interaction\.(?:click|drag|hover|press)|long[-_](?:task|animation[-_]frame)|(?:vue\.)?(?:mount|unmount|update|render)|resolve|task|vue|webvital\.(?:cls|lcp)))$/;

/** Which instrumentation made a span. */
export function origin(value: unknown): string | undefined {
  return typeof value === "string" ? ORIGIN.exec(value)?.[0] : undefined;
}

const STATUSES =
  "ok cancelled unknown unknown_error invalid_argument deadline_exceeded not_found already_exists permission_denied resource_exhausted failed_precondition aborted out_of_range unimplemented internal_error unavailable data_loss unauthenticated".split(
    " ",
  );

export function spanStatus(value: unknown): string | undefined {
  return oneOf(value, STATUSES);
}

function rebuildException(guard: Guard, exception: unknown): Record<string, unknown> {
  const { type, value, mechanism, stacktrace } = fields(exception);
  return present({
    type: guard.texts.errorType(type) ?? "Error",
    value: value === undefined || value === "" ? undefined : (guard.texts.message(value) ?? WITHHELD),
    mechanism: rebuildMechanism(mechanism),
    stacktrace: rebuildStack(guard, stacktrace),
  });
}

function rebuildMechanism(mechanism: unknown): Record<string, unknown> | undefined {
  const { type, handled, exception_id: id, parent_id: parent, is_exception_group: group, source } = fields(mechanism);
  if (typeof type !== "string") return undefined;
  return present({
    type: origin(type) ?? "generic",
    handled: typeof handled === "boolean" ? handled : undefined,
    exception_id: smallIndex(id),
    parent_id: smallIndex(parent),
    is_exception_group: group === true ? true : undefined,
    source: typeof source === "string" && /^(?:cause|errors\[[0-9]{1,3}\])$/.test(source) ? source : undefined,
  });
}

function smallIndex(value: unknown): number | undefined {
  return typeof value === "number" && Number.isInteger(value) && value >= 0 && value < 1000 ? value : undefined;
}

function rebuildMessage(guard: Guard, source: Fields): { message: string } | undefined {
  const entry = fields(source.logentry);
  const text = source.message ?? entry.message ?? entry.formatted;
  return text === undefined ? undefined : { message: guard.texts.message(text) ?? WITHHELD };
}

function rebuildContexts(guard: Guard, contexts: Fields): Record<string, unknown> {
  const kept: Record<string, unknown> = {};
  for (const [name, kinds] of Object.entries(guard.policy.contexts)) {
    kept[name] = presentOrNone(rebuildNamed(guard, kinds, fields(own(contexts, name))));
  }
  const vue = fields(contexts.vue);
  return present({
    ...kept,
    trace: rebuildTrace(contexts.trace),
    replay: presentOrNone({ replay_id: hex32(fields(contexts.replay).replay_id) }),
    vue: presentOrNone({
      componentName: guard.texts.component(vue.componentName),
      lifecycleHook: explained(vue.lifecycleHook) ?? guard.texts.message(vue.lifecycleHook),
    }),
  });
}

/** Where Vue caught an error: in production as the address that explains its number; development's words are facts. */
function explained(hook: unknown): string | undefined {
  return typeof hook === "string" && /^https:\/\/vuejs\.org\/error-reference\/#runtime-[a-z0-9]{1,3}$/.test(hook) ? hook : undefined;
}

/** The ids by which the server finds the source maps that were uploaded for the scripts. */
function rebuildDebugMeta(guard: Guard, meta: unknown): { images: unknown[] } | undefined {
  const images = list(fields(meta).images).flatMap((image) => {
    const { type, code_file: file, debug_id: id } = fields(image);
    const name = guard.files.name(file);
    const known = typeof id === "string" && /^.{8}(?:-.{4}){3}-/.test(id) && hex32(id.replaceAll("-", "")) !== undefined;
    return type === "sourcemap" && name !== undefined && known ? [{ type, code_file: name, debug_id: id }] : [];
  });
  return images.length > 0 ? { images } : undefined;
}
