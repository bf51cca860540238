import type * as Browser from "@sentry/browser";

/** What the guard needs of Sentry's SDK. Each entry hands over that of its own package: two copies know nothing of each other. */
export type Sdk = Pick<
  typeof Browser,
  | "BrowserClient"
  | "SDK_VERSION"
  | "breadcrumbsIntegration"
  | "browserApiErrorsIntegration"
  | "consoleIntegration"
  | "dedupeIntegration"
  | "defaultStackParser"
  | "eventFiltersIntegration"
  | "functionToStringIntegration"
  | "getCurrentScope"
  | "getTraceData"
  | "globalHandlersIntegration"
  | "linkedErrorsIntegration"
  | "makeFetchTransport"
>;

export type SentryClient = InstanceType<Sdk["BrowserClient"]>;

export type SentryIntegration = ReturnType<typeof Browser.getDefaultIntegrations>[number];

/** What an entry adds to the SDK: its framework's part. */
export interface Framework {
  /** The name that the server knows the SDK by. */
  readonly name: string;
  /** Integrations of the framework: its error handler, its tracing. */
  readonly integrations: () => SentryIntegration[];
  /** Watches a second application on the page, which joins the first one's client. */
  readonly join: () => void;
}

/** What records sessions; absent from a build without. */
export interface Recorder {
  readonly integration: () => SentryIntegration;
  readonly filters: Readonly<Record<string, import("./guard.js").Filter>>;
  readonly prepare: import("./guard.js").Guard["prepare"];
}
