/** Templates of paths, looked up segment by segment: what it costs is the path's length, not the number of templates. */

interface Level {
  readonly constants: Map<string, Level>;
  /** Segments that are partly a parameter, `{id}.pdf`. */
  readonly mixed: [RegExp, Level][];
  parameter: Level | undefined;
  template: string | undefined;
}

const PARAMETER = /\{[^{}]*\}|:[A-Za-z_]\w*(?:\((?:\\.|[^()\\]|\([^()]*\))*\))?[?*+]?/g;

/** Finds the template that a path was made from. */
export class Paths {
  readonly #root = emptyLevel();
  readonly #templates = new Set<string>();
  /** Templates that begin with a base that they leave open, `{}/rooms/{}`. */
  readonly #open: string[] = [];
  #inside: Paths | undefined;

  constructor(templates: Iterable<string>) {
    for (const template of templates) this.#add(template);
  }

  /** Whether `text` is one of the templates. */
  has(text: string): boolean {
    return this.#templates.has(text);
  }

  /** The template of a path, with the base that it leaves open where a template without parameters is that base. */
  match(path: string): string | undefined {
    const segments = segmentsOf(path);
    const found = find(this.#root, segments, 0);
    if (found !== undefined || this.#open.length === 0) return found;
    this.#inside ??= new Paths(this.#open.map((template) => template.slice("{}".length)));
    for (let split = segments.length - 1; split >= 0; split -= 1) {
      const base = split === 0 ? "" : find(this.#root, segments.slice(0, split), 0);
      if (base === undefined || /[{:]/.test(base)) continue;
      const inside = this.#inside.match(`/${segments.slice(split).join("/")}`);
      if (inside !== undefined) return base + inside;
    }
    return undefined;
  }

  #add(template: string): void {
    this.#templates.add(template);
    if (template.startsWith("{}/")) {
      this.#open.push(template);
      return;
    }
    let level = this.#root;
    for (const segment of segmentsOf(template)) level = next(level, segment);
    level.template ??= template;
  }
}

function next(level: Level, segment: string): Level {
  const pieces = segment.split(PARAMETER);
  if (pieces.length === 1) {
    const constant = encoded(segment);
    const child = level.constants.get(constant) ?? emptyLevel();
    level.constants.set(constant, child);
    return child;
  }
  if (pieces.every((piece) => piece === "")) return (level.parameter ??= emptyLevel());
  const pattern = new RegExp(`^${pieces.map((piece) => encoded(piece).replace(/[.*+?^${}()|[\]\\]/g, "\\$&")).join("[^/]+")}$`);
  const known = level.mixed.find(([other]) => other.source === pattern.source);
  if (known !== undefined) return known[1];
  const child = emptyLevel();
  level.mixed.push([pattern, child]);
  return child;
}

function find(level: Level, segments: readonly string[], at: number): string | undefined {
  const segment = segments[at];
  if (segment === undefined) return level.template;
  const constant = level.constants.get(segment);
  const found = constant === undefined ? undefined : find(constant, segments, at + 1);
  if (found !== undefined) return found;
  for (const [pattern, child] of level.mixed) {
    const inside = pattern.test(segment) ? find(child, segments, at + 1) : undefined;
    if (inside !== undefined) return inside;
  }
  return level.parameter === undefined ? undefined : find(level.parameter, segments, at + 1);
}

/** A path's segments; the slash at its end doesn't count. */
function segmentsOf(path: string): string[] {
  const segments = path.split("/").slice(1);
  if (segments.at(-1) === "") segments.pop();
  return segments;
}

/** A constant as it stands in an address. */
function encoded(text: string): string {
  try {
    return /[^ -~]/.test(text) ? encodeURI(text) : text;
  } catch {
    return text;
  }
}

function emptyLevel(): Level {
  return { constants: new Map(), mixed: [], parameter: undefined, template: undefined };
}
