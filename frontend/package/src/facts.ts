/** What the application's build knows of its own source; `pazpaz-otel/vite` fills it in. */
export interface BuildFacts {
  /** `VITE_SENTRY_DSN` at build. */
  readonly dsn?: string;
  /** `VITE_SENTRY_RELEASE` at build. */
  readonly release?: string;
  /** `VITE_SENTRY_ENVIRONMENT`, else Vite's mode. */
  readonly environment?: string;
  /** The folder of the built scripts, as a path of the page's origin. */
  readonly assets?: string;
  /** Whether a development server runs the page, whose scripts lie under `/src/` and `/node_modules/`. */
  readonly development?: boolean;
  /** Literals of the statements that raise, capture or log. */
  readonly messages?: readonly string[];
  /** Names in the source: classes, functions, components, members. */
  readonly names?: readonly string[];
  /** Paths that the source requests, with `{}` for what is put in. */
  readonly routes?: readonly string[];
  /** Class names of the style sheets and of the templates. */
  readonly classes?: readonly string[];
}
