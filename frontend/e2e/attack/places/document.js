/** Places of the document: what a recording, a breadcrumb of a click or a web vital could show. */

import { click, create, put, quoted, settled, slug } from "./doing.js";

const ATTRIBUTES = [
  "title", "alt", "placeholder", "aria-label", "data-name", "href", "src", "value", "for", "name", "content", "label", "role", "type", "rel", "dir",
  "lang", "srcset", "poster", "action", "list", "pattern", "width", "height", "colspan", "rr_src", "rr_width", "data-sentry-component", "data-testid",
];

export const places = {
  "texts": (texts, tools) => put(tools, ...texts.map((text) => create("p", {}, text))),
  "attributes' values": (texts, tools) => put(tools, ...texts.map((text) => create("div", Object.fromEntries(ATTRIBUTES.map((name) => [name, text]))))),
  "attributes' names": (texts, tools) => put(tools, ...texts.map((text) => create("div", { [`data-${slug(text)}`]: "", [slug(text)]: "x" }))),
  "elements' names": (texts, tools) => put(tools, ...texts.map((text) => create(`x-${slug(text)}`, {}, "x"))),
  "classes": (texts, tools) => put(tools, ...texts.map((text) => create("div", { class: text }))),
  "ids": (texts, tools) => put(tools, ...texts.map((text) => create("div", { id: text }))),
  "inline styles": (texts, tools) =>
    put(tools, ...texts.map((text) => create("div", { style: `--x: ${text}; font-family: ${quoted(text)}; background: url("/${text}.png"); content: ${quoted(text)}; width: 5${text}` }))),
  "custom properties": (texts, tools) =>
    texts.forEach((text) => {
      const element = create("div");
      put(tools, element);
      element.style.setProperty(`--${slug(text)}`, "1");
      element.style.setProperty("--name", text);
    }),
  "rules put into a built sheet": (texts) =>
    texts.forEach((text) => {
      const [sheet] = document.styleSheets;
      sheet.insertRule(`.${CSS.escape(text)}::after { content: ${quoted(text)} }`);
      sheet.insertRule(`.card { --${slug(text)}: 1; font-family: ${quoted(text)} }`);
    }),
  "adopted sheets": (texts) => {
    document.adoptedStyleSheets = texts.map((text) => {
      const sheet = new CSSStyleSheet();
      sheet.insertRule(`.${CSS.escape(text)}::after { content: ${quoted(text)} }`);
      return sheet;
    });
  },
  "style elements": (texts, tools) => put(tools, ...texts.map((text) => create("style", {}, `.${slug(text)} { content: ${quoted(text)} } /* ${text} */ @media (--${slug(text)}) { .card { color: red } }`))),
  "comments": (texts, tools) => put(tools, ...texts.map((text) => document.createComment(text))),
  "shadow roots": (texts, tools) =>
    texts.forEach((text) => {
      const host = create("div");
      host.attachShadow({ mode: "open" }).append(create("p", { title: text, class: slug(text) }, text), create("style", {}, `p::after { content: ${quoted(text)} }`));
      put(tools, host);
    }),
  "frames": (texts, tools) => put(tools, ...texts.map((text) => create("iframe", { srcdoc: `<p title="${text}">${text}</p>`, name: text, title: text }))),
  "canvases": (texts, tools) =>
    texts.forEach((text) => {
      const canvas = create("canvas", { "aria-label": text }, text);
      canvas.getContext("2d").fillText(text, 0, 10);
      put(tools, canvas, create("img", { src: canvas.toDataURL(), alt: text }));
    }),
  "drawings": (texts, tools) =>
    texts.forEach((text) => {
      const box = create("div");
      box.innerHTML = `<svg><title>${text}</title><desc>${text}</desc><text id="${text}">${text}</text><path d="M0 0" data-x="${text}"/><a href="/${text}"></a></svg>`;
      put(tools, box);
    }),
  "values of inputs": (texts, tools) =>
    texts.forEach((text, index) => {
      const input = create("input", { type: ["text", "search", "tel", "email", "url", "password", "hidden", "button"][index % 8], value: text });
      put(tools, input);
      input.value = `${text} ${text}`;
      input.dispatchEvent(new Event("input", { bubbles: true }));
      input.dispatchEvent(new Event("change", { bubbles: true }));
    }),
  "areas of text": (texts, tools) =>
    texts.forEach((text) => {
      const area = create("textarea", {}, text);
      put(tools, area);
      area.value = `x ${text}`;
      area.dispatchEvent(new Event("input", { bubbles: true }));
    }),
  "options": (texts, tools) => {
    const select = create("select", {}, ...texts.map((text) => create("option", { value: text, label: text }, text)));
    put(tools, select, create("datalist", {}, ...texts.map((text) => create("option", { value: text }))));
    texts.forEach((text) => {
      select.value = text;
      select.dispatchEvent(new Event("input", { bubbles: true }));
      select.dispatchEvent(new Event("change", { bubbles: true }));
    });
  },
  "edited elements": (texts, tools) =>
    texts.forEach((text) => {
      const edited = create("div", { contenteditable: "true", role: "textbox" });
      put(tools, edited);
      edited.textContent = text;
      edited.dispatchEvent(new InputEvent("input", { bubbles: true, data: text }));
    }),
  "the title": async (texts) => {
    for (const text of texts) {
      document.title = text;
      await settled();
    }
  },
  "the root's attributes": (texts) =>
    texts.forEach((text) => {
      document.documentElement.setAttribute("data-name", text);
      document.documentElement.lang = text;
      document.body.className = text;
    }),
  "scripts and templates": (texts, tools) =>
    put(tools, ...texts.flatMap((text) => [create("script", { type: "application/json", "data-x": text }, JSON.stringify({ text })), create("template", {}, text), create("noscript", {}, text)])),
  "images": (texts, tools) =>
    put(tools, ...texts.map((text) => create("img", { src: `data:image/svg+xml,${encodeURIComponent(`<svg xmlns="http://www.w3.org/2000/svg"><text>${text}</text></svg>`)}`, alt: text })), ...texts.map((text) => create("img", { src: `/assets/${encodeURIComponent(text)}.png` }))),
  "media": (texts, tools) => put(tools, ...texts.map((text) => create("video", { poster: `/${text}.png`, title: text }, create("track", { label: text, src: `/${text}.vtt` }), create("source", { src: `/${text}.mp4` })))),
  "meta elements and links": (texts) =>
    texts.forEach((text) => document.head.append(create("meta", { name: text, content: text }), create("link", { rel: "icon", href: `/${encodeURIComponent(text)}.ico` }))),
  "texts that change": async (texts, tools) => {
    const node = document.createTextNode("x");
    put(tools, create("p", {}, node));
    for (const text of texts) {
      node.data = text;
      await settled();
    }
  },
  "attributes that change": async (texts, tools) => {
    const element = create("div", { class: "card" });
    put(tools, element);
    for (const text of texts) {
      for (const name of [...ATTRIBUTES, "class", "style", "id"]) element.setAttribute(name, text);
      element.setAttribute(`data-${slug(text)}`, text);
      await settled();
    }
  },
  "forms and fieldsets": (texts, tools) => put(tools, ...texts.map((text) => create("form", { name: text, action: `/${encodeURIComponent(text)}` }, create("fieldset", { name: text }, create("legend", {}, text))))),
  "tables": (texts, tools) => put(tools, create("table", { summary: texts[0] }, create("caption", {}, texts[0]), ...texts.map((text) => create("tr", {}, create("td", { headers: text, abbr: text, colspan: text }, text))))),
  "what is selected": async (texts, tools) => {
    for (const text of texts) {
      const element = create("p", {}, text);
      put(tools, element);
      getSelection().selectAllChildren(element);
      await settled();
    }
  },
  "clicked elements": async (texts, tools) => {
    for (const text of texts) {
      const inner = create("span", { title: text, "aria-label": text, "data-sentry-element": text }, text);
      const button = create("button", { id: text, class: text, name: text, type: text, title: text, alt: text, "aria-label": text, "data-sentry-component": text }, inner);
      put(tools, create("section", { id: slug(text), class: slug(text), "data-sentry-component": text }, button));
      click(inner);
      click(button);
      await settled();
    }
  },
  "elements that get keys": async (texts, tools) => {
    for (const text of texts) {
      const input = create("input", { id: text, name: text, "aria-label": text, class: slug(text) });
      put(tools, input);
      input.focus();
      for (const key of text) input.dispatchEvent(new KeyboardEvent("keydown", { key, code: key, bubbles: true }));
      input.dispatchEvent(new KeyboardEvent("keypress", { key: text, bubbles: true }));
      input.blur();
      await settled();
    }
  },
  "events of the application": (texts, tools) =>
    texts.forEach((text) => tools.root().dispatchEvent(new CustomEvent(text, { detail: { text }, bubbles: true }))),
  "elements of web vitals": async (texts, tools) => {
    for (const text of texts) {
      const big = create("h1", { id: text, class: text, elementtiming: text, style: "font-size: 90px; width: 1200px; height: 500px" }, text);
      tools.root().prepend(big);
      await settled();
      big.style.marginTop = "60px";
    }
  },
};
