const PARAMETER = /:[A-Za-z_]\w*(?:\((?:\\.|[^()\\]|\([^()]*\))*\))?([?*+]?)/g;

/**
 * The pages of an application as lines of an nginx `map` of `$uri`, so that any other path can be answered with 404.
 *
 * @param paths - The paths of the router's records, `/clients/:id`; one that takes whatever no other does is left out.
 */
export function nginxPages(paths: readonly string[]): string {
  const pages = paths.filter((path) => path.startsWith("/") && !path.includes("(.*)"));
  return pages.map((path) => `"~^${pattern(path)}/?$" 1;\n`).join("");
}

/** A record's path as a pattern. What its parameters allow is the router's business: here they are any segment. */
function pattern(path: string): string {
  let made = "";
  let from = 0;
  for (const found of path.replace(/\/$/, "").matchAll(PARAMETER)) {
    const before = path.slice(from, found.index);
    const many = found[1] === "*" || found[1] === "+";
    const segment = many ? ".+" : "[^/]+";
    const optional = found[1] === "?" || found[1] === "*";
    made += optional && before.endsWith("/") ? `${literal(before.slice(0, -1))}(?:/${segment})?` : `${literal(before)}${segment}`;
    from = found.index + found[0].length;
  }
  return made + literal(path.slice(from).replace(/\/$/, ""));
}

function literal(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\"]/g, "\\$&");
}
