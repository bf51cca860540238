/** What a browser says of names and declarations, as far as the tests ask: Node.js has neither. */
const ELEMENTS = new Set(
  "html body main section form p div span i em a b u ul ol li table tbody tr td label button input select option canvas img script h1 h2 article header nav".split(" "),
);

class Unknown {
  constructor(readonly tagName: string) {}
}

Object.assign(globalThis, {
  HTMLUnknownElement: Unknown,
  document: { styleSheets: [], createElement: (tagName: string): object => (ELEMENTS.has(tagName) ? { tagName } : new Unknown(tagName)) },
  CSS: { supports: (text: string) => /^\((?:display: ?(?:none|flex|block|inherit)|visibility: ?(?:hidden|inherit))\)$/.test(text) },
});

export {};
