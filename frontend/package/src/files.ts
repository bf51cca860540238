import type { BuildFacts } from "./facts.js";

/**
 * The scripts and style sheets of the build, frozen when the page starts.
 *
 * A path that looks like one of them proves nothing: a script's address can be made of data.
 */
export class Files {
  readonly #names: ReadonlyMap<string, string>;
  readonly #shown: ReadonlySet<string>;

  /**
   * @param facts - What the build knows.
   * @param origin - The page's own origin, for files without an address of their own.
   * @param scripts - Addresses of the scripts that the page started with: the list where no build left one.
   */
  constructor(facts: BuildFacts, origin: string, scripts: readonly string[]) {
    const files = (facts.files ?? []).map((file) => (/^[a-z]+:/.test(file) ? file : `${origin}/${file.replace(/^\/+/, "")}`));
    const known = files.length > 0 ? files : scripts.filter((address) => address.startsWith(`${origin}/`));
    this.#names = new Map(known.map((address) => [bare(address), `app:///${nameOf(address, facts.root)}`]));
    this.#shown = new Set(this.#names.values());
  }

  /** A file's address as a path of the application, `app:///assets/index-3c9f.js`, where it is one of its files. */
  name(address: unknown): string | undefined {
    if (typeof address !== "string") return undefined;
    return this.#shown.has(address) ? address : this.#names.get(bare(address));
  }
}

/** The path below the build's folder; the file's name alone where the folder is somebody's machine. */
function nameOf(address: string, root: string | undefined): string {
  const path = root !== undefined && root !== "" && address.startsWith(root) ? address.slice(root.length) : address.replace(/^[a-z]+:\/\/[^/]*\//, "");
  return bare(path.startsWith("@fs/") ? path.slice(path.lastIndexOf("/") + 1) : path);
}

function bare(address: string): string {
  const end = address.search(/[?#]/);
  return end < 0 ? address : address.slice(0, end);
}
