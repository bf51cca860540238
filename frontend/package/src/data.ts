import type { Guard } from "./guard.js";
import { accept } from "./kinds.js";
import type { Kind } from "./policy.js";
import { own, type Fields } from "./reading.js";

/** The members of `data` whose keys the policy names and whose values are proven. */
export function rebuildData(guard: Guard, data: Fields): Record<string, boolean | number | string> {
  return rebuildNamed(guard, guard.policy.attributes, data);
}

/** The members of `values` that `kinds` names and proves. */
export function rebuildNamed(
  guard: Guard,
  kinds: Readonly<Record<string, Kind>>,
  values: Fields,
): Record<string, boolean | number | string> {
  const kept: Record<string, boolean | number | string> = {};
  for (const [key, value] of Object.entries(values)) {
    const proven = prove(guard, own(kinds, key), value);
    if (proven !== undefined) kept[key] = proven;
  }
  return kept;
}

function prove(guard: Guard, kind: Kind | undefined, value: unknown): boolean | number | string | undefined {
  switch (kind) {
    case "route":
      return guard.urls.route(value);
    case "url_path":
      return guard.urls.template(value);
    case "url_origin":
      return guard.urls.knownRequest(value);
    case "host":
      return guard.urls.host(value);
    default:
      return accept(guard.policy, kind, value);
  }
}
