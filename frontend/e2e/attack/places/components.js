/** Further places of a Vue application: slots, directives, stores, guards, texts of languages. */
import { createApp, defineAsyncComponent, h, KeepAlive, nextTick, onErrorCaptured, reactive, resolveDirective, Suspense, Teleport, Transition, watch, withDirectives } from "vue";
import { encoded, identifier, later, quiet, settled, thrown } from "./doing.js";

/** A second application beside the attacked one, with its handler of errors. */
const mounted = async ({ app: { config } }, component, prepare = () => undefined) => {
  const root = document.createElement("section");
  document.body.append(root);
  const app = createApp(component);
  Object.assign(app.config, { errorHandler: config.errorHandler, warnHandler: config.warnHandler });
  prepare(app);
  try {
    app.mount(root);
  } catch {
    // Some of them fail while they are mounted.
  }
  await nextTick();
  return root;
};

const inTurn = async (texts, task) => {
  for (const text of texts) await task(text);
};

const failing = (text) => () => thrown(new Error(text));

export const places = {
  "slots of components": (texts, tools) => inTurn(texts, (text) => mounted(tools, { render: () => h({ name: text, setup: (_props, { slots }) => () => slots[text]?.({ text }) }, null, { [text]: ({ text: given }) => thrown(new Error(given)) }) })),
  "directives": (texts, tools) =>
    inTurn(texts, (text) => mounted(tools, { render: () => withDirectives(h("p", { title: text }), [[resolveDirective(text) ?? { mounted: failing(text) }, { [text]: text }, text, { [text]: true }]]) }, (app) => app.directive(text, { mounted: failing(text) }))),
  "hooks and watchers": (texts, tools) =>
    inTurn(texts, (text) =>
      mounted(tools, {
        name: text,
        setup: () => {
          const state = reactive({ [text]: "" });
          watch(() => state[text], failing(text), { flush: "sync" });
          onErrorCaptured((error, _instance, info) => { state[text] = `${info} ${error}`; });
        },
        beforeMount: failing(text), mounted: failing(text), unmounted: failing(text), render: failing(text),
      })),
  "components that come later": (texts, tools) => inTurn(texts, async (text) => { await mounted(tools, { render: () => h(Suspense, null, { default: () => h(defineAsyncComponent({ loader: () => Promise.reject(new Error(text)), onError: (error, _retry, failed) => { failed(); throw error; } })), fallback: () => text }) }); await settled(); }),
  "transitions and teleports": (texts, tools) =>
    inTurn(texts, async (text) => {
      const name = identifier(text);
      const root = await mounted(tools, { render: () => [h(Transition, { name, appear: true, enterActiveClass: name }, () => h("p", { class: name }, text)), h(Teleport, { to: `#${name}`, disabled: true }, h("p", text)), h(KeepAlive, { include: [text] }, () => h({ name: text, render: () => h("b", text) }))] });
      root.className = `${name}-enter-active`;
    }),
  "properties that aren't valid": (texts, tools) => inTurn(texts, (text) => mounted(tools, { render: () => h({ name: text, props: { [text]: { type: Number, required: true, validator: failing(text) } }, emits: { [text]: failing(text) }, setup: (props, { emit }) => () => { emit(text, text); return h("p", { [text]: props[text], innerHTML: `<i title="${encoded(text)}">${encoded(text)}</i>` }); } }, { [text]: text }) })),
  "warnings of the framework": (texts, { app }) => texts.forEach((text) => { console.warn(`[Vue warn]: Failed to resolve component: ${text}`, `\n  at <${text} name="${text}">`); app.config.warnHandler?.(`Unhandled error during execution of ${text}`, null, `at <${text}>`); later(() => app.config.errorHandler?.(new Error(text), null, `setup function ${text}`)); }),
  "records of routes": (texts, { router }) =>
    inTurn(texts, async (text) => {
      const name = identifier(text);
      const Page = { name, render: () => h("main", [h("div", { id: "plants" }, text)]) };
      router.addRoute({ path: `/clients/:${name}/notes`, alias: `/${encoded(text)}/notes`, name, component: Page, props: { [text]: text }, meta: { [text]: text, title: text }, children: [{ path: name, name: `${name} child`, component: Page }] });
      router.addRoute({ path: `/from-${encoded(text)}`, redirect: { path: "/clients/1", query: { q: text }, hash: `#${name}` } });
      router.addRoute({ path: `/late-${encoded(text)}`, component: () => Promise.reject(new Error(text)) });
      router.addRoute({ path: `/guarded/:${name}`, component: Page, beforeEnter: failing(text) });
      for (const address of [{ name, params: { [name]: text } }, `/${encoded(text)}/notes`, { name: `${name} child`, params: { [name]: text } }, `/from-${encoded(text)}`, `/late-${encoded(text)}`, `/guarded/${encoded(text)}`, { name: text }, { path: "/", query: { [text]: [text, text] }, state: { [text]: text } }]) await Promise.resolve().then(() => router.push(address)).catch((error) => void Promise.reject(error));
      await router.push("/");
      router.removeRoute(name);
    }),
  "failures of navigations": (texts, { router }) =>
    inTurn(texts, async (text) => {
      const removals = [router.beforeEach(({ path }) => path === "/clients/1" || { path: "/clients/1", query: { q: text }, state: { text } }), router.onError((error, to) => thrown(new Error(`${text} ${to.fullPath}`, { cause: error }))), router.afterEach((to, _from, failure) => { document.title = text; if (failure) throw Object.assign(failure, { [text]: to }); })];
      await quiet(router.push({ path: `/rooms/${encoded(text)}`, hash: `#${text}` }));
      for (const remove of removals) remove();
      await quiet(router.replace("/"));
    }),
  "stores' states": (texts, tools) =>
    inTurn(texts, (text) => mounted(tools, { name: "Store", setup: () => { const store = reactive({ [text]: { [text]: text } }); Object.assign(globalThis, { __PINIA__: { state: { value: { [text]: store } } }, __VUEX__: { [text]: text } }); watch(store, failing(text), { deep: true, flush: "sync" }); store[text] = text; return () => h("p", { class: text }, JSON.stringify(store)); } })),
  "texts of languages": (texts, tools) =>
    inTurn(texts, (text) => {
      const messages = { he: { greeting: `שלום ${text}`, missing: (name) => `No text for ${name}` } };
      console.warn(`[intlify] Not found '${text}' key in 'he' locale messages.`, messages);
      return mounted(tools, { name: "Translated", render: () => { throw new Error(messages.he.missing(text), { cause: new Error(messages.he.greeting) }); } }, (app) => app.provide(text, messages));
    }),
};
