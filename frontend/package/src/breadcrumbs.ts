import { rebuildSelector } from "./dom.js";
import type { Guard } from "./guard.js";
import { accept } from "./kinds.js";
import { coarse, fields, list, oneOf, present, presentOrNone, time, whole, type Fields } from "./reading.js";

const LEVELS = ["fatal", "error", "warning", "log", "info", "debug"] as const;

/** Breadcrumbs that one event keeps, the newest. */
const MOST_BREADCRUMBS = 100;

/** A breadcrumb made anew from what its category lets through, or `undefined`: an unknown category doesn't leave. */
export function rebuildBreadcrumb(guard: Guard, breadcrumb: unknown): Fields | undefined {
  const crumb = fields(breadcrumb);
  const detail = rebuildDetail(guard, crumb);
  if (detail === undefined) return undefined;
  return present({
    type: oneOf(crumb.type, ["default", "http", "navigation", "ui", "debug", "error", "user", "info"]),
    level: oneOf(crumb.level, LEVELS),
    timestamp: time(crumb.timestamp),
    ...detail,
  });
}

/** The breadcrumbs of an event. */
export function rebuildBreadcrumbs(guard: Guard, breadcrumbs: unknown): Fields[] | undefined {
  const values = Array.isArray(breadcrumbs) ? breadcrumbs : list(fields(breadcrumbs).values);
  const kept = values
    .slice(-MOST_BREADCRUMBS)
    .map((crumb) => rebuildBreadcrumb(guard, crumb))
    .filter((crumb) => crumb !== undefined);
  return kept.length > 0 ? kept : undefined;
}

function rebuildDetail(guard: Guard, crumb: Fields): Fields | undefined {
  const data = fields(crumb.data);
  switch (crumb.category) {
    case "fetch":
    case "xhr":
      return detail(crumb.category, undefined, {
        method: accept(guard.policy, "method", data.method),
        url: guard.urls.request(data.url),
        status_code: accept(guard.policy, "status_code", data.status_code),
        request_body_size: coarse(data.request_body_size),
        response_body_size: coarse(data.response_body_size),
      });
    case "navigation":
      return detail("navigation", undefined, { from: guard.urls.page(data.from), to: guard.urls.page(data.to) });
    case "console":
      return detail("console", guard.texts.message(list(data.arguments)[0] ?? crumb.message), { logger: oneOf(data.logger, ["console"]) });
    case "ui.click":
    case "ui.input":
    case "ui.keypress":
    case "ui.multiClick":
    case "ui.slowClickDetected":
      return detail(crumb.category, rebuildSelector(crumb.message), undefined);
    case "ui.blur":
    case "ui.focus":
    case "replay.mutations":
      return detail(crumb.category, undefined, { count: whole(data.count), limit: data.limit === true ? true : undefined });
    case "sentry.event":
    case "sentry.transaction":
      return undefined;
    default:
      return applicationDetail(guard, crumb);
  }
}

/** A breadcrumb that the application left itself: it needs a message and a category that its source proves. */
function applicationDetail(guard: Guard, crumb: Fields): Fields | undefined {
  const message = guard.texts.message(crumb.message);
  return message === undefined ? undefined : detail(guard.texts.message(crumb.category) ?? "default", message, undefined);
}

function detail(category: string, message: string | undefined, data: Fields | undefined): Fields {
  return present({ category, message, data: data === undefined ? undefined : presentOrNone(data) });
}
