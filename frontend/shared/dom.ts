/** Access to the page's server-rendered markup: what a script needs must exist. */

/** The first match. Throws when there is none: markup and script do not fit. */
export function one<T extends HTMLElement = HTMLElement>(selector: string, within: ParentNode = document): T {
  const found = within.querySelector<T>(selector);
  if (!found) throw new Error(`no ${selector} on this page`);
  return found;
}

export const all = <T extends HTMLElement = HTMLElement>(selector: string, within: ParentNode = document): T[] => [
  ...within.querySelectorAll<T>(selector),
];

/** Writes the text only when it differs, so that screen readers announce only changes. */
export function write(node: Element, text: string | number): void {
  if (node.textContent !== String(text)) node.textContent = String(text);
}

/** The value of a {{ value|json_script:id }}. */
export const json = <T>(id: string): T => JSON.parse(one(`#${id}`).textContent ?? "") as T;
