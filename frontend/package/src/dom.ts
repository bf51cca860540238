import type { Guard } from "./guard.js";

/** Elements that keep their name; any other becomes a `div`, for an element's name can be a text of its own. */
export const TAGS: ReadonlySet<string> = new Set(
  (
    "html head body title meta link style base div span p a b i u s em strong small sub sup mark code pre kbd samp var abbr " +
    "blockquote q cite dfn time data ul ol li dl dt dd h1 h2 h3 h4 h5 h6 hgroup header footer main nav section article aside " +
    "address figure figcaption hr br wbr table caption colgroup col thead tbody tfoot tr th td form label input textarea select " +
    "option optgroup datalist button fieldset legend output progress meter details summary dialog menu slot template ruby rt rp " +
    "picture img video audio source track canvas iframe object embed map area svg g path rect circle ellipse line polyline " +
    "polygon text tspan defs use symbol clippath mask lineargradient radialgradient stop pattern marker filter noscript script"
  ).split(" "),
);

/** Sentry's description of an element, `div.client > button#save.primary[title="…"]`, as tags and proven classes. */
export function rebuildSelector(guard: Guard, selector: unknown): string | undefined {
  if (typeof selector !== "string") return undefined;
  guard.classes.refresh();
  const parts = selector
    .slice(0, 2048)
    .replace(/\[[^\]]*\]?/g, "")
    .split(" > ")
    .map((part) => rebuildSelectorPart(guard, part));
  return parts.join(" > ") || undefined;
}

function rebuildSelectorPart(guard: Guard, part: string): string {
  const [name = "", ...classes] = part.trim().split(".");
  const tag = name.split("#", 1)[0]?.toLowerCase() ?? "";
  const proven = guard.classes.of(classes.map((text) => text.split("#", 1)[0]).join(" "));
  return [TAGS.has(tag) ? tag : "*", ...proven.split(" ").filter(Boolean)].join(".");
}
