import type { RouteRecords } from "./pages.js";
import { Paths } from "./paths.js";

/** A router that knows nothing but the templates of its pages, for applications whose own can't be asked. */
export function routerOf(templates: readonly string[]): RouteRecords {
  const paths = new Paths(templates);
  return {
    getRoutes: () => templates.map((path) => ({ path })),
    resolve: (to) => {
      const path = paths.match(to);
      return { matched: path === undefined ? [] : [{ path }] };
    },
  };
}
