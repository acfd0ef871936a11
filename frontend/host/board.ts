/** Replaces the server-rendered parts of the console without losing focus, open details or typed text. */
import { all, one } from "../shared/dom";

export interface Board {
  list: HTMLElement;
  /** Parties whose place has ended; beside the list, below the tools. */
  past: HTMLElement;
}

export interface Notice {
  text: string;
  wrong: boolean;
}

export interface Answer extends Notice {
  /** A newly rendered list, or null. */
  board: Board | null;
}

/** Parses a fragment of the console. Its messages are taken out: the snackbar shows them. */
export function read(html: string): Answer {
  const parsed = new DOMParser().parseFromString(html, "text/html");
  const [list, past] = [".list", "[data-past]"].map((part) => parsed.querySelector<HTMLElement>(part));
  return list && past ? { board: { list, past }, ...takeMessages(list) } : { board: null, text: "", wrong: false };
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

/** Shows `next` within the console. Open details, typed text and the focus stay. */
export function replace(root: HTMLElement, next: Board): void {
  const before = { list: one(".list", root), past: one("[data-past]", root) };
  keepWork(before.list, next.list);
  const active = document.activeElement instanceof HTMLElement ? document.activeElement : null;
  const replaced = active && (before.list.contains(active) || before.past.contains(active));
  const focused = replaced ? focusKey(active) : "";
  const selection = active instanceof HTMLInputElement && active.type === "text" ? active.selectionStart : null;
  for (const grip of all("[data-grip]", next.list)) grip.hidden = false; // before it gets the focus
  keepHeight(before.list, next.list);
  keepHeight(before.past, next.past);
  before.list.replaceWith(next.list);
  before.past.replaceWith(next.past);
  if (!focused) return;
  const there = root.querySelector<HTMLElement>(focused);
  there?.focus({ preventScroll: true });
  if (selection !== null && there instanceof HTMLInputElement) there.setSelectionRange(selection, selection);
}

/** A scrolled part would jump when it becomes shorter than its viewport: keeps its height. */
function keepHeight(before: HTMLElement, after: HTMLElement): void {
  const isScrolled = scrollY > 0 || (before.parentElement?.scrollTop ?? 0) > 0;
  if (isScrolled) after.style.minBlockSize = `${before.offsetHeight}px`;
}

/** A party's row, if it is in the list. */
export const rowOf = (within: HTMLElement, party: string): HTMLElement | null =>
  within.querySelector<HTMLElement>(`[data-party="${CSS.escape(party)}"]`);

/** Carries open details and values being edited over to the new list. */
function keepWork(before: HTMLElement, after: HTMLElement): void {
  for (const details of all<HTMLDetailsElement>("[data-party] details[open]", before)) {
    const party = details.closest<HTMLElement>("[data-party]")?.dataset.party ?? "";
    const there = rowOf(after, party)?.querySelector("details");
    if (!there) continue;
    there.open = true;
    let typed = false;
    for (const input of all<HTMLInputElement>(".party-edit input:not([type=hidden])", details)) {
      const same = there.querySelector<HTMLInputElement>(`.party-edit [name="${input.name}"]`);
      if (!same || input.value === input.defaultValue) continue;
      same.value = input.value;
      typed = true;
    }
    // The typed text replaces what the host saw then, not what another device has written since.
    const saw = there.querySelector<HTMLInputElement>(".party-edit [name=saw]");
    const sawThen = details.querySelector<HTMLInputElement>(".party-edit [name=saw]");
    if (typed && saw && sawThen && details.dataset.told === undefined) saw.value = sawThen.value;
  }
}

/** A selector that finds the same control in the next list, or an empty string. */
export function focusKey(node: HTMLElement): string {
  if (node.id) return `#${node.id}`;
  const row = node.closest<HTMLElement>("[data-party]");
  const within = row ? `[data-party="${row.dataset.party}"] ` : "";
  if ("grip" in node.dataset) return `${within}[data-grip]`;
  const name = node.getAttribute("name");
  if (name) return `${within}[name="${name}"]`;
  const action = node.getAttribute("formaction");
  if (action) return `${within}[formaction="${action}"]`;
  const form = node.closest("form");
  return form ? `${within}form[action="${form.getAttribute("action")}"] button:not([formaction])` : `${within}summary`;
}
