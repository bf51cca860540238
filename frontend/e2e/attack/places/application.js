/** Places of the application: its routes, its history, its components. */
import { createApp, defineComponent, h, nextTick } from "vue";
import { encoded } from "./doing.js";

const Page = { render: () => h("main", [h("div", { id: "plants" })]) };

const mounted = async (component, props = {}) => {
  const root = document.createElement("div");
  document.body.append(root);
  const app = createApp(component, props);
  app.config.errorHandler = globalThis.handler;
  app.mount(root);
  await nextTick();
  return root;
};

const failing = () => {
  throw new Error("x");
};

/** Each text in a page of its own, and back. */
const visit = async (router, addresses) => {
  for (const address of addresses) {
    try {
      await router.push(address);
    } catch {
      // Not every text is an address.
    }
  }
  await router.push("/");
};

export const places = {
  "parameters of pages": (texts, { router }) => visit(router, texts.map((text) => `/clients/${encoded(text)}`)),
  "unknown pages": (texts, { router }) => visit(router, texts.flatMap((text) => [`/${encoded(text)}/${encoded(text)}`, `/clients/${encoded(text)}/x`])),
  "queries of pages": (texts, { router }) => visit(router, texts.map((text) => ({ path: "/", query: { [text]: text, q: text } }))),
  "fragments of pages": (texts, { router }) => visit(router, texts.map((text) => ({ path: "/", hash: `#/clients/${text}` }))),
  "routes made at run time": async (texts, { router }) => {
    for (const text of texts) router.addRoute({ path: `/clients/${encoded(text)}`, name: text, component: Page, meta: { title: text } });
    for (const text of texts) router.addRoute({ path: `/${encoded(text)}/:id`, component: Page });
    for (const text of texts) router.addRoute({ path: `/rooms/:${text.replace(/[^A-Za-z]/g, "") || "x"}`, component: Page });
    await visit(router, texts.flatMap((text) => [{ name: text }, `/clients/${encoded(text)}`, `/${encoded(text)}/1`, `/rooms/${encoded(text)}`]));
  },
  "the history": async (texts) => {
    for (const text of texts) {
      history.pushState({ text }, text, `/clients/${encoded(text)}?q=${encoded(text)}#${encoded(text)}`);
      history.replaceState({ [text]: text }, "", `/x/${encoded(text)}`);
      location.hash = `/${text}`;
      await new Promise((done) => setTimeout(done, 5));
    }
    history.pushState({}, "", "/");
  },
  "guards of routes": async (texts, { router }) => {
    for (const text of texts) {
      const remove = router.beforeEach(() => {
        throw new Error(text);
      });
      await router.push(`/clients/${encoded(text)}`).catch((error) => void Promise.reject(error));
      remove();
    }
  },
  "components' names": async (texts, { app }) => {
    globalThis.handler = app.config.errorHandler;
    for (const text of texts) {
      await mounted(defineComponent({ name: text, __name: text, __file: `/home/${text}/${text}.vue`, setup: () => () => h({ name: text, render: failing }) }));
    }
  },
  "components' props": async (texts, { app }) => {
    globalThis.handler = app.config.errorHandler;
    for (const text of texts) {
      const Child = defineComponent({ name: "Child", props: ["name", "record"], setup: () => failing });
      await mounted({ render: () => h(Child, { name: text, record: { [text]: text }, [`data-${text.replace(/\W/g, "")}`]: text, class: text }) });
    }
  },
  "handlers of components": async (texts, { app }) => {
    globalThis.handler = app.config.errorHandler;
    for (const text of texts) {
      const Child = defineComponent({ emits: [text], setup: (_props, { emit }) => () => h("button", { onClick: () => { emit(text, text); } }) });
      const root = await mounted({ render: () => h(Child, { [`on${text.charAt(0).toUpperCase()}${text.slice(1)}`]: (value) => { throw new Error(value); } }) });
      root.querySelector("button").click();
      await nextTick();
    }
  },
  "infos of errors": (texts, { app }) =>
    texts.forEach((text) => {
      // Where the application has no handler of its own, Sentry's raises the error again.
      setTimeout(() => app.config.errorHandler?.(new Error(text), { $options: { name: text, __name: text }, $props: { text }, $: {} }, text), 0);
      app.config.warnHandler?.(text, null, text);
    }),
  "states of the application": async (texts, { app }) => {
    for (const text of texts) {
      app.provide(text, text);
      app.config.globalProperties[`$${text}`] = text;
      await mounted({ name: "State", data: () => ({ text, [text.replace(/\W/g, "_")]: text }), render: () => h("p", { key: text, ref: text, class: text }, text) });
    }
  },
};
