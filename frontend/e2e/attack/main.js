import { places as application, tools as given } from "#application";
import { places as document } from "./places/document.js";
import { places as elements } from "./places/elements.js";
import { places as errors } from "./places/errors.js";
import { places as network } from "./places/network.js";
import { places as platform } from "./places/platform.js";
import { places as refusals } from "./places/refusals.js";
import { places as sdk } from "./places/sdk.js";
import { places as values } from "./places/values.js";
import "./style.css";

const { Sentry } = given;
const places = { ...application, ...document, ...elements, ...errors, ...network, ...platform, ...refusals, ...values, ...sdk };

/** Where plants are put: a page that was left took its own with it. */
const root = () => {
  const found = globalThis.document.querySelector("#plants");
  if (found === null) globalThis.document.body.append(Object.assign(globalThis.document.createElement("div"), { id: "plants", className: "card" }));
  return found ?? root();
};
const tools = { ...given, root };

/** Puts the texts into one kind of place, then has an error and a transaction sent that say what the page knows. */
async function attack(kind, texts) {
  await places[kind](texts, tools);
  await new Promise((done) => setTimeout(done, 5));
  Sentry.startSpan({ name: "after", forceTransaction: true }, () => Sentry.captureException(new Error("After the plants")));
  await Sentry.flush(2000);
}

/** Lets go of the recording. */
const finish = async () => {
  await Sentry.getReplay()?.flush();
  await Sentry.flush(2000);
};

/** Records from the beginning, after an error that has the breadcrumbs of what was done. */
const again = async () => {
  Sentry.captureException(new Error("After the plants"));
  await Sentry.getReplay().stop();
  Sentry.getReplay().start();
};

Object.assign(globalThis, { again, attack, finish, kinds: Object.keys(places) });
