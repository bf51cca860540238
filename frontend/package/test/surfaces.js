// What the guard makes of a vector's input. Plain JavaScript, so that a browser runs it as it stands.

const ORIGIN = "https://practice.example";

/**
 * @param modules the guard's modules by name, and vue-router
 * @returns a function of surface, `given` and input: what leaves, or `undefined`
 */
export function surfaces({ guard, policy, event, transaction, breadcrumbs, envelope, recording, data, router }) {
  const given = (facts) =>
    guard.makeGuard({
      policy: {
        ...policy.policy,
        hosts: [...policy.policy.hosts, ...(facts.hosts ?? [])],
        messages: [...policy.policy.messages, ...(facts.templates ?? [])],
        ignoreErrors: facts.ignore ?? policy.policy.ignoreErrors,
      },
      facts: {
        messages: facts.messages,
        templates: facts.source_templates,
        names: facts.names,
        classes: facts.classes,
        states: facts.states,
        files: facts.files ?? ["assets/index-a1.js"],
        ...(facts.source_paths === undefined ? {} : { pages: facts.source_paths }),
      },
      origin: ORIGIN,
      routers: [routerOf(facts)],
      routes: facts.routes ?? [],
      ...recording.recordingFilters(),
      dsn: "https://abc@practice.example/1",
      release: "1.2.3",
      environment: "production",
    });
  /** The page's router: its pages, those that are added when the guard is there, its kind of history. */
  function routerOf(facts) {
    const made = router.createRouter({
      history: facts.history?.[0] === "hash" ? hashHistory(router) : router.createMemoryHistory(),
      routes: (facts.pages ?? []).map((path) => ({ path, component: {} })),
    });
    return made;
  }
  const judge = (surface, facts, input, key) => {
    const one = given(facts);
    return judges[surface](one, input, key);
  };
  const judges = {
    message: (one, input) => one.texts.message(input),
    error_type: (one, input) => one.texts.errorType(input),
    function: (one, input) => one.texts.functionName(input, true),
    page_url: (one, input) => one.urls.page(input),
    request_url: (one, input) => one.urls.request(input),
    breadcrumb: breadcrumbs.rebuildBreadcrumb,
    event: event.rebuildEvent,
    transaction: transaction.rebuildTransaction,
    envelope: envelope.rebuildEnvelope,
    recording: (one, input) => {
      const recorded = new recording.Recordings();
      // Several events are one page's: of each what leaves, `null` where nothing does.
      return Array.isArray(input) ? input.map((event) => recorded.event(one, event) ?? null) : recorded.event(one, input);
    },
    attribute: (one, input, key) => data.rebuildData(one, { [key]: input })[key],
    "exception.message": (one, input) =>
      event.rebuildEvent(one, { exception: { values: [{ type: "Error", value: input }] } }).exception.values[0].value.replace(/^<redacted>$/, "") ||
      undefined,
  };
  return {
    known: (surface) => Object.hasOwn(judges, surface),
    judge,
  };
}

/** A history whose pages lie in the address's fragment, without a browser's. */
function hashHistory(router) {
  return { ...router.createMemoryHistory(), base: "/#" };
}

/** What a vector expects of the browser's filter: `{leaves: X}`, `{}` for nothing, or `undefined` where it has no say. */
export function expectation(vector) {
  const expected = vector.expect.typescript ?? vector.expect.all;
  if (expected === undefined || expected === "skip") return undefined;
  if (expected === "drop") return {};
  return { leaves: expected === "keep" ? vector.input : expected.becomes };
}
