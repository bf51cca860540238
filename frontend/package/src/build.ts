import type { BuildFacts } from "./facts.js";

/** Empty, unless the Vite plugin puts the facts of the application's build in this module's place. */
export const facts: BuildFacts = {};
