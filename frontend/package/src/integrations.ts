import type { Framework, Recorder, Sdk, SentryIntegration } from "./sdk.js";
import type { SentryOptions } from "./settings.js";

/** Sentry's integrations whose only way out is the client's transport. */
const LISTENING = new Set([
  "CaptureConsole", "ContextLines", "ExtraErrorData", "GraphQLClient", "HttpClient", "ModuleMetadata", "ReportingObserver", "RewriteFrames",
  "ThirdPartyErrorsFilter", "WebWorker", "ZodErrors", "FeatureFlags", "LaunchDarkly", "OpenFeature", "Statsig", "Unleash", "GrowthBook",
]);

/**
 * The integrations that the guard has filters for, the framework's, and those of the application that only listen.
 *
 * Sessions, locale and feedback aren't among them.
 */
export function integrationsOf(
  sdk: Sdk,
  framework: Framework,
  options: SentryOptions<SentryIntegration>,
  recorder: Recorder | undefined,
  say: (what: string) => void,
): SentryIntegration[] {
  const added = options.integrations ?? [];
  const refused = added.filter(({ name }) => !LISTENING.has(name));
  if (refused.length > 0) say("some of `integrations` can send by themselves, or are there already; they are left out");
  return [
    sdk.eventFiltersIntegration(),
    sdk.functionToStringIntegration(),
    sdk.browserApiErrorsIntegration(),
    sdk.breadcrumbsIntegration(),
    sdk.consoleIntegration(),
    sdk.globalHandlersIntegration(),
    sdk.linkedErrorsIntegration(),
    sdk.dedupeIntegration(),
    ...framework.integrations(),
    ...added.filter(({ name }) => LISTENING.has(name)),
    ...recording(recorder, say),
  ];
}

/** The recording, unless the page has one: Sentry allows no second. */
function recording(recorder: Recorder | undefined, say: (what: string) => void): SentryIntegration[] {
  if (recorder === undefined) return [];
  try {
    return [recorder.integration()];
  } catch {
    say("the page is recorded already; this application isn't");
    return [];
  }
}
