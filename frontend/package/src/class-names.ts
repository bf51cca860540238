/** A class in a style sheet's text, with its point. */
const CLASS = /\.(-?(?:\\[^\n]|[A-Za-z_\u0080-\uffff-])(?:\\[^\n]|[\w\u0080-\uffff-])*)/g;

/** The class names that a style sheet's text has. */
export function classNames(css: string): string[] {
  return Array.from(css.matchAll(CLASS), ([, name = ""]) => unescaped(name));
}

/** A style sheet's text in which each class that `isShown` refuses has no name. */
export function withoutClasses(css: string, isShown: (name: string) => boolean): string {
  return css.replace(CLASS, (whole, name: string) => (isShown(unescaped(name)) ? whole : "._"));
}

function unescaped(name: string): string {
  return name.replace(/\\([^\n])/g, "$1");
}
