/**
 * All about one party, beside the list: made of the same template as the page without scripts, and filled from the party's row, so
 * that it opens at once, and without a network.
 */
import { all, one, write } from "../shared/dom";
import { rowOf } from "./board";
import { isTalk, isTold, showConversation } from "./conversation";
import { isChanged } from "./typed";

export class PartyPane {
  readonly #pane = one("[data-party-pane]");
  readonly #template = document.querySelector<HTMLTemplateElement>("[data-pane-template]");
  readonly #page: string;
  readonly #opened: () => void;
  readonly #filled: () => void;
  #party = "";
  // The host was told that another device has changed the party: from then on the form is typed over what is so now.
  #told = false;

  /** `page`: the console's address; `opened` is called before the pane opens, `filled` when it shows a party. */
  constructor(page: string, { opened, filled }: { opened: () => void; filled: () => void }) {
    this.#page = page;
    this.#opened = opened;
    this.#filled = filled;
    document.addEventListener("click", (event) => {
      if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.shiftKey) return;
      const target = event.target as HTMLElement;
      const row = target.closest("[data-open]")?.closest<HTMLElement>("[data-party]");
      if (row) {
        event.preventDefault();
        this.open(row);
      } else if (this.#pane.contains(target) && target.closest("[data-pane-away]")) this.close();
    });
    this.#pane.addEventListener("keydown", (event) => {
      if (event.key !== "Escape") return;
      event.preventDefault();
      this.close();
    });
  }

  open(row: HTMLElement): void {
    if (!this.#template) return;
    this.#opened();
    this.#party = row.dataset.party ?? "";
    this.#told = false;
    this.#pane.replaceChildren(this.#template.content.cloneNode(true));
    // Another one for each opening: the same text, written again, is another message.
    for (const key of all<HTMLInputElement>("[name=key]", this.#pane)) key.value = one(".list").dataset.key ?? "";
    this.#pane.hidden = false;
    this.#pane.scrollTop = 0;
    this.update();
    this.#filled();
    one("#pane-title", this.#pane).focus();
  }

  /** Closes it; the focus goes back to the party's row, if it had been here. */
  close(): void {
    const row = rowOf(this.#party);
    const hadFocus = this.#pane.contains(document.activeElement);
    this.#party = "";
    this.#pane.hidden = true;
    this.#pane.replaceChildren();
    if (hadFocus) row?.querySelector<HTMLElement>("[data-open]")?.focus();
    this.#mark();
  }

  /** A form about a party was answered. It stays open after a refusal, with what was typed, after a move, and in a conversation. */
  answered(form: HTMLFormElement, party: string, ok: boolean): void {
    if (party !== this.#party) return;
    if (!ok) this.#told = true;
    const row = rowOf(party);
    const talks = "messageForm" in form.dataset && !!row && isTalk(row);
    if (ok && talks) form.reset();
    if (ok && !talks && !("moves" in form.dataset)) this.close();
    else this.update();
  }

  /** Shows what the party's row says now. What was typed stays, and was typed over what the host saw then. */
  update(): void {
    if (!this.#party) return;
    const row = rowOf(this.#party);
    if (!row?.dataset.status) {
      this.close(); // it has left, or was seated
      return;
    }
    const edit = one<HTMLFormElement>("[data-edit]", this.#pane);
    const isTyped = all<HTMLInputElement>("input:not([type=hidden])", edit).some(isChanged);
    const values = valuesOf(row);
    for (const node of all("[data-from]", this.#pane)) {
      const value = values[node.dataset.from ?? ""] ?? "";
      if (!(node instanceof HTMLInputElement)) write(node, value);
      else if (node.name === "saw" && edit.contains(node) && isTyped && !this.#told) continue;
      else if (!isChanged(node) || node.type === "hidden") node.value = node.defaultValue = value;
    }
    const { status = "" } = row.dataset;
    const holds: Record<string, boolean> = {
      waiting: status === "waiting",
      called: status === "called",
      phoneless: !("hasPhone" in row.dataset),
      phone: "hasPhone" in row.dataset || "hasContact" in row.dataset,
      told: isTold(row),
    };
    for (const node of all("[data-message-now]", this.#pane)) node.hidden = !row.dataset.message;
    for (const node of all("[data-for]", this.#pane)) node.hidden = !holds[node.dataset.for ?? ""];
    for (const since of all("[data-since]", this.#pane)) since.dataset.since = row.dataset.joined;
    one<HTMLAnchorElement>("[data-hand-over]", this.#pane).href = `${this.#page}/ticket/${row.dataset.ticket}`;
    one<HTMLAnchorElement>("[data-kept]", this.#pane).href = `${this.#page}/data/${row.dataset.ticket}`;
    showConversation(this.#pane, row, this.#page);
    this.#order(row);
    this.#mark();
  }

  /** What depends on who stands where. */
  #order(row: HTMLElement): void {
    const rows = inOrder();
    const at = rows.indexOf(row);
    for (const button of all<HTMLButtonElement>("[data-not-at]", this.#pane))
      button.disabled = button.dataset.notAt === "first" ? at === 0 : at === rows.length - 1;
    const choice = one<HTMLSelectElement>("[name=other]", this.#pane);
    const { value } = choice;
    const others = rows.filter((each) => each !== row);
    choice.replaceChildren(...others.map(({ dataset }) => new Option(dataset.what, dataset.party)));
    if (value) choice.value = value;
  }

  /** Marks the row that the pane is about. */
  #mark(): void {
    for (const link of all("[data-open][aria-current]")) link.removeAttribute("aria-current");
    const row = this.#party ? rowOf(this.#party) : null;
    row?.querySelector("[data-open]")?.setAttribute("aria-current", "true");
  }
}

/** The waiting rows by their place in line, in whatever order they are shown. */
const inOrder = (): HTMLElement[] =>
  all(".waiting-list [data-party]").sort((a, b) => Number(a.dataset.place) - Number(b.dataset.place));

/** What a row says, by the names in the template. */
function valuesOf(row: HTMLElement): Record<string, string | undefined> {
  const rows = inOrder();
  const at = rows.indexOf(row);
  const { quoteLow, quoteHigh, name } = row.dataset;
  return {
    ...row.dataset,
    nameOrGuest: name || "Guest",
    quoteWas: `${quoteLow}-${quoteHigh}`,
    behindUp: at > 1 ? rows[at - 2]?.dataset.party : "",
    behindDown: at >= 0 ? rows[at + 1]?.dataset.party : "",
  };
}
