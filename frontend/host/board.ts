/** The list that the server renders: put in place of the one before without taking anything out of the host's hands. */
import { all, one } from "../shared/dom";

export interface Answer {
  /** The newly rendered list, or null for what is no list. */
  list: HTMLElement | null;
  said: string;
  wrong: boolean;
}

/** Reads a fragment of the console. Its messages are taken out: they are said elsewhere. */
export function read(html: string): Answer {
  const list = new DOMParser().parseFromString(html, "text/html").querySelector<HTMLElement>(".list");
  const notes = list ? all(".messages > *", list) : [];
  const answer = {
    list,
    said: notes.map((note) => note.textContent?.trim()).join(" "),
    wrong: notes.some((note) => note.classList.contains("notice-error")),
  };
  list?.querySelector(".messages")?.replaceChildren();
  return answer;
}

/** Shows `next` within `live`; what is open, being typed or in focus stays so. */
export function replace(live: HTMLElement, next: HTMLElement): void {
  const before = one(".list", live);
  keepWork(before, next);
  const active = document.activeElement instanceof HTMLElement ? document.activeElement : null;
  const focused = active && live.contains(active) ? focusKey(active) : "";
  const selection = active instanceof HTMLInputElement && active.type === "text" ? active.selectionStart : null;
  for (const grip of all("[data-grip]", next)) grip.hidden = false; // before it shall have the focus
  before.replaceWith(next);
  if (!focused) return;
  const there = live.querySelector<HTMLElement>(focused);
  there?.focus({ preventScroll: true });
  if (selection !== null && there instanceof HTMLInputElement) there.setSelectionRange(selection, selection);
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
    // What is typed was typed over what the host saw then, not over what another device has written since.
    const saw = there.querySelector<HTMLInputElement>(".party-edit [name=saw]");
    const sawThen = details.querySelector<HTMLInputElement>(".party-edit [name=saw]");
    if (typed && saw && sawThen && details.dataset.told === undefined) saw.value = sawThen.value;
  }
}

/** A selector that finds the same control in the next list, or an empty string. */
export function focusKey(node: HTMLElement): string {
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
