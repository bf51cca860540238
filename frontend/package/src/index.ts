export type { BuildFacts } from "./facts.js";
export type { DropReason } from "./guard.js";
export { initSentry } from "./init.js";
export type { Kind, Policy } from "./policy.js";
export { policy } from "./policy.gen.js";
export type { SentryClient } from "./propagation.js";
export type { ReplayOptions, SentryOptions } from "./settings.js";
