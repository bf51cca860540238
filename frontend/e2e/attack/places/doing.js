/** What the lists of places share: elements, tasks, endings that nobody waits for. */

export const encoded = encodeURIComponent;

export const slug = (text) => text.toLowerCase().replace(/[^a-z0-9\u0400-\u05ff]+/g, "-");

export const identifier = (text) => text.replace(/[^A-Za-z0-9_\u0400-\u05ff]+/g, "_").replace(/^(?=[0-9])/, "_");

/** A text within double quotes of a style sheet. */
export const quoted = (text) => `"${text.replace(/["\\]/g, "\\$&").replace(/\n/g, "\\a ")}"`;

export const create = (tag, attributes = {}, ...children) => {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    try {
      element.setAttribute(name, value);
    } catch {
      // Not every text is a name.
    }
  }
  element.append(...children);
  return element;
};

export const put = (tools, ...elements) => tools.root().append(...elements);

export const click = (element) => element.dispatchEvent(new MouseEvent("click", { bubbles: true, composed: true }));

export const later = (task) => setTimeout(task, 0);

export const settled = () => new Promise((done) => setTimeout(done, 2));

/** Does `task` for each text, in a task of its own, so that the page's handlers see what it throws. */
export const each = async (texts, task) => {
  for (const text of texts) {
    later(() => task(text));
    await settled();
  }
};

export const thrown = (error) => {
  throw error;
};

export const quiet = (promise) => promise.catch(() => undefined);

/** Throws what a promise of the browser's is refused with, as an application does that doesn't look. */
export const refused = (make) => void Promise.resolve().then(make);
