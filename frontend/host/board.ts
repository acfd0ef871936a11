/** Replaces the server-rendered parts of the console ([data-part]) without losing focus, open details or typed text. */
import { all, one } from "../shared/dom";

export interface Board {
  /** The waiting parties; its attributes say more of the line. One of the parts. */
  list: HTMLElement;
  parts: HTMLElement[];
}

export interface Notice {
  text: string;
  wrong: boolean;
}

export interface Answer extends Notice {
  /** The newly rendered parts, or null. */
  board: Board | null;
}

/** Parses a fragment of the console. Its messages are taken out: the dock shows them. */
export function read(html: string): Answer {
  const parsed = new DOMParser().parseFromString(html, "text/html");
  const list = parsed.querySelector<HTMLElement>(".list");
  return list
    ? { board: { list, parts: all("[data-part]", parsed) }, ...takeMessages(list) }
    : { board: null, text: "", wrong: false };
}

/** Takes the messages out of a list: above it they would move its buttons. */
export function takeMessages(list: HTMLElement): Notice {
  const messages = all(".messages > *", list);
  for (const message of messages) message.remove();
  return {
    text: messages.map((message) => message.textContent?.trim()).join(" "),
    wrong: messages.some((message) => message.classList.contains("notice-error")),
  };
}

/** Shows the parts of `next`. Open details, typed text and the focus stay. */
export function replace(next: Board): void {
  const active = document.activeElement instanceof HTMLElement ? document.activeElement : null;
  const within = active?.closest<HTMLElement>("[data-part]");
  const focused = active && within ? focusKey(active) : [];
  const selection = active instanceof HTMLInputElement && active.type === "text" ? active.selectionStart : null;
  for (const grip of all("[data-grip]", next.list)) grip.hidden = false; // before it gets the focus
  for (const part of next.parts) {
    const before = document.querySelector<HTMLElement>(`[data-part="${part.dataset.part}"]`);
    if (!before) continue;
    keepWork(before, part);
    keepHeight(before, part);
    before.replaceWith(part);
  }
  if (!focused.length || document.activeElement === active) return;
  const there = focused.map((key) => document.querySelector<HTMLElement>(key)).find((found) => found !== null);
  there?.focus({ preventScroll: true });
  if (selection !== null && there instanceof HTMLInputElement) there.setSelectionRange(selection, selection);
}

/** A scrolled part would jump when it becomes shorter than its viewport: keeps its height. */
function keepHeight(before: HTMLElement, after: HTMLElement): void {
  const isScrolled = scrollY > 0 || (before.parentElement?.scrollTop ?? 0) > 0;
  if (isScrolled) after.style.minBlockSize = `${before.offsetHeight}px`;
}

/** A party's row, if it is in the list or called. */
export const rowOf = (party: string, within: ParentNode = document): HTMLElement | null =>
  within.querySelector<HTMLElement>(`[data-party="${CSS.escape(party)}"]`);

/** Carries open details and typed text over to the new part: of all that have an id. */
function keepWork(before: HTMLElement, after: HTMLElement): void {
  for (const details of all<HTMLDetailsElement>("details[open][id]", before)) {
    const there = after.querySelector<HTMLDetailsElement>(`#${CSS.escape(details.id)}`);
    if (there) there.open = true;
  }
  for (const field of all<HTMLInputElement>("input[id]:not([type=hidden])", before)) {
    const there = after.querySelector<HTMLInputElement>(`#${CSS.escape(field.id)}`);
    if (there && field.value !== field.defaultValue) there.value = field.value;
  }
}

/** Selectors that find the same control in the next parts, the best first; none for what cannot be found again. */
export function focusKey(node: HTMLElement): string[] {
  if (node.id) return [`#${CSS.escape(node.id)}`];
  const row = node.closest<HTMLElement>("[data-party]");
  const within = row ? `[data-party="${row.dataset.party}"] ` : "";
  // A party that has moved on, e.g. to those who are called, has other buttons.
  const besides = row ? [`${within}[data-open]`] : [];
  for (const mark of ["grip", "open", "pick"]) if (mark in node.dataset) return [`${within}[data-${mark}]`];
  const name = node.getAttribute("name");
  if (name) return [`${within}[name="${name}"]`, ...besides];
  const action = node.getAttribute("formaction");
  if (action) return [`${within}[formaction="${action}"]`, ...besides];
  const form = node.closest("form");
  if (form) return [`${within}form[action="${form.getAttribute("action")}"] button:not([formaction])`, ...besides];
  const part = node.closest<HTMLElement>("[data-part]");
  return node.localName === "summary" && part ? [`[data-part="${part.dataset.part}"] summary`] : besides;
}

/** Messages that came with the page. */
export const firstMessages = (): Notice => takeMessages(one(".list"));
