/** Places of elements, of what is dragged, pasted and chosen, of names in style sheets. */
import { click, create, each, encoded, identifier, later, put, quiet, refused, slug } from "./doing.js";

const scriptOf = (source, type = "text/javascript") => URL.createObjectURL(new Blob([source], { type }));

const transfer = (text) => {
  const data = new DataTransfer();
  data.setData("text/plain", text);
  data.setData("text/html", `<b title="${encoded(text)}">${text}</b>`);
  data.items.add(new File([text], text, { type: "text/plain" }));
  return data;
};

export const places = {
  "pasted and copied texts": (texts, tools) =>
    texts.forEach((text) => {
      const input = create("input", { "aria-label": text });
      put(tools, input);
      for (const type of ["paste", "copy", "cut"]) input.dispatchEvent(new ClipboardEvent(type, { bubbles: true, clipboardData: transfer(text) }));
      input.setRangeText(text);
      refused(() => navigator.clipboard.writeText(text));
      refused(() => navigator.clipboard.write([new ClipboardItem({ [text]: text })]));
    }),
  "dragged elements": (texts, tools) =>
    texts.forEach((text) => {
      const item = create("li", { draggable: "true", id: text, title: text }, text);
      put(tools, create("ul", {}, item));
      for (const type of ["dragstart", "drag", "dragenter", "dragover", "drop", "dragend"]) item.dispatchEvent(new DragEvent(type, { bubbles: true, dataTransfer: transfer(text) }));
    }),
  "chosen files": (texts, tools) =>
    each(texts, (text) => {
      const input = create("input", { type: "file", accept: text });
      put(tools, input);
      input.files = transfer(text).files;
      input.dispatchEvent(new Event("change", { bubbles: true }));
      refused(() => createImageBitmap(input.files[0]));
      throw new Error(`No place for ${input.files[0].name}`);
    }),
  "saved files": (texts, tools) =>
    texts.forEach((text) => {
      const link = create("a", { download: text, href: scriptOf(text, "text/plain"), title: text }, text);
      link.addEventListener("click", (event) => { event.preventDefault(); });
      put(tools, link);
      click(link);
    }),
  "sent forms": (texts, tools) =>
    texts.forEach((text) => {
      const input = create("input", { name: text, value: text, title: text });
      const form = create("form", { action: `/${encoded(text)}`, name: text }, input, create("button", { formaction: `/${encoded(text)}`, name: text, value: text }, text));
      form.addEventListener("submit", (event) => { event.preventDefault(); });
      put(tools, form);
      input.setCustomValidity(text);
      form.reportValidity();
      input.setCustomValidity("");
      form.requestSubmit();
      void quiet(fetch("/api/v1/clients", { method: "POST", body: new FormData(form) }));
      void quiet(fetch("/api/v1/clients", { method: "POST", body: new URLSearchParams({ [text]: text }) }));
    }),
  "dialogues and popovers": (texts, tools) =>
    texts.forEach((text) => {
      const dialog = create("dialog", { "aria-label": text, "aria-describedby": text }, create("h2", {}, text));
      const popover = create("div", { popover: "auto", id: slug(text) }, text);
      put(tools, dialog, popover, create("button", { popovertarget: slug(text), commandfor: text }, text));
      dialog.show();
      dialog.close(text);
      popover.showPopover();
      popover.hidePopover();
    }),
  "groups of details": (texts, tools) => put(tools, ...texts.map((text) => create("details", { name: text, open: "", id: text }, create("summary", { "aria-controls": text }, text), text))),
  "elements of one's own": (texts, tools) =>
    each(texts, (text) => {
      const name = `x-${identifier(text).toLowerCase()}`;
      const Own = { [text]: class extends HTMLElement { connectedCallback() { throw new Error(text); } } }[text];
      customElements.define(name, Own);
      put(tools, document.createElement(name));
      customElements.define(name, Own);
    }),
  "slots and parts": (texts, tools) =>
    texts.forEach((text) => {
      const host = create("section", {}, create("b", { slot: text }, text));
      const root = host.attachShadow({ mode: "open" });
      root.append(create("slot", { name: text, part: text, exportparts: text }, text), create("button", { "aria-label": text, class: text }, text));
      put(tools, host);
      click(root.querySelector("button"));
    }),
  "closed shadow roots": (texts, tools) =>
    texts.forEach((text) => {
      const host = create("section");
      host.attachShadow({ mode: "closed" }).innerHTML = `<p>${text}</p><input value="${encoded(text)}">`;
      put(tools, host);
    }),
  "registered properties": (texts) =>
    texts.forEach((text) => {
      const name = `--${slug(text)}`;
      try {
        CSS.registerProperty({ name, syntax: "*", inherits: true, initialValue: encoded(text) });
      } catch {
        // Not every text is a name.
      }
      document.documentElement.style.setProperty(name, encoded(text));
    }),
  "names in style sheets": (texts, tools) =>
    texts.forEach((text) => {
      const name = CSS.escape(slug(text));
      put(tools, create("style", {}, `@layer ${name}; @keyframes ${name} { to { color: red } } @container ${name} (width > 1px) { p { color: red } } @font-face { font-family: ${name}; src: url("/${encoded(text)}.woff2") } p { animation: ${name}; counter-reset: ${name}; grid-area: ${name}; container-name: ${name}; view-transition-name: ${name}; content: attr(${name}) }`));
      put(tools, create("div", { style: `animation: ${name} 1s; grid-area: ${name}; counter-reset: ${name} 5; view-transition-name: ${name}` }));
    }),
  "fonts": (texts) => texts.forEach((text) => refused(() => new FontFace(text, `url("/${encoded(text)}.woff2")`).load())),
  "animations": (texts, tools) =>
    texts.forEach((text) => {
      const element = create("div", { id: text }, text);
      put(tools, element);
      refused(() => {
        const animation = element.animate([{ opacity: 0 }, { opacity: 1 }], { duration: 5, id: text });
        animation.cancel();
        return animation.finished;
      });
      later(() => element.animate([{ easing: text }], 5));
    }),
  "highlights": (texts, tools) =>
    texts.forEach((text) => {
      const element = create("p", {}, text);
      put(tools, element);
      const range = new Range();
      range.selectNodeContents(element);
      CSS.highlights.set(text, new Highlight(range));
    }),
  "drawings with text": (texts, tools) =>
    texts.forEach((text) => {
      const box = create("div");
      box.innerHTML = `<svg viewBox="0 0 9 9" aria-label="${encoded(text)}"><style>.x { content: "${encoded(text)}" }</style><defs><symbol id="${slug(text)}"></symbol></defs><use href="#${slug(text)}"/><foreignObject><p title="${encoded(text)}">${slug(text)}</p></foreignObject><text><textPath href="#${slug(text)}">${slug(text)}</textPath></text><polyline points="5,5" class="${slug(text)}"/></svg><math><mtext>${slug(text)}</mtext><annotation>${slug(text)}</annotation></math>`;
      put(tools, box);
      box.querySelector("text").dispatchEvent(new MouseEvent("click", { bubbles: true }));
    }),
  "canvases without a screen": (texts) =>
    each(texts, (text) => {
      const canvas = new OffscreenCanvas(200, 20);
      const context = canvas.getContext("2d");
      context.font = `10px ${slug(text)}`;
      context.fillText(text, 0, 10);
      refused(() => canvas.convertToBlob({ type: text }));
      context.drawImage(text, 0, 0);
    }),
  "gauges and results": (texts, tools) => put(tools, ...texts.flatMap((text) => [create("meter", { value: text, title: text }, text), create("progress", { value: text }, text), create("output", { for: text, name: text }, text), create("time", { datetime: text }, text), create("data", { value: text }, text)])),
  "maps and embedded things": (texts, tools) =>
    put(tools, ...texts.flatMap((text) => [create("map", { name: text }, create("area", { alt: text, href: `/${encoded(text)}`, coords: text, target: text })), create("object", { type: "text/plain", name: text, usemap: text }, create("param", { name: text, value: text })), create("embed", { title: text, type: "text/x" })])),
  "subtitles": (texts, tools) =>
    texts.forEach((text) => {
      const video = create("video", { title: text, "aria-label": text });
      put(tools, video);
      video.addTextTrack("captions", text, slug(text)).addCue(new VTTCue(0, 9, text));
      refused(() => video.play());
    }),
  "quotations and links": (texts, tools) => put(tools, ...texts.flatMap((text) => [create("q", { cite: `/${encoded(text)}` }, text), create("a", { href: `tel:${encoded(text)}`, ping: `/${encoded(text)}`, hreflang: text, rel: text, target: text }, text), create("a", { href: `mailto:${encoded(text)}?subject=${encoded(text)}` }, text), create("abbr", { title: text }, text), create("bdo", { dir: "rtl", lang: text }, text), create("ruby", {}, text, create("rt", {}, text))])),
  "names of scopes": (texts, tools) => put(tools, ...texts.map((text) => create("div", { [`data-v-${(text.replace(/\D/g, "") || slug(text)).slice(0, 8)}`]: "", [`v-${slug(text)}`]: text, "is": text, "itemprop": text, "itemid": text }))),
  "attributes of accessibility": (texts, tools) => put(tools, ...texts.map((text) => create("div", Object.fromEntries(["roledescription", "valuetext", "placeholder", "keyshortcuts", "owns", "labelledby", "details", "errormessage", "live", "current", "sort", "braillelabel"].map((name) => [`aria-${name}`, text]))))),
};
