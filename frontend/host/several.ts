/** One action for several parties. Each is sent with what the host saw of it; what cannot be done is said, the rest is done. */
import { all, one } from "../shared/dom";
import type { Acts, Outcome } from "./acts";
import type { Snack } from "./snack";

const DONE: Record<string, string> = {
  call: "Called",
  seat: "Seated",
  "no-show": "No-show of",
  remove: "Removed",
  "message-party": "Message sent to",
};

export class Several {
  readonly #root = document.querySelector<HTMLElement>("[data-finder]");
  readonly #picked = new Set<string>();
  readonly #acts: Acts;
  readonly #snack: Snack;
  #busy = false;

  constructor(acts: Acts, snack: Snack) {
    this.#acts = acts;
    this.#snack = snack;
    document.addEventListener("click", (event) => {
      const target = event.target as HTMLElement;
      if (target.closest("[data-select]")) this.#select(true);
      else if (target.closest("[data-select-end]")) this.#select(false);
      else if (target.closest("[data-write]")) this.#write(true);
      else if (target.closest("[data-write-end]")) this.#write(false);
      const button = target.closest<HTMLElement>("[data-with]");
      if (button) void this.#do(button.dataset.with ?? "");
    });
    document.addEventListener("submit", (event) => {
      const form = event.target as HTMLFormElement;
      if (!("severalMessage" in form.dataset)) return;
      event.preventDefault();
      void this.#do("message-party", { text: one<HTMLInputElement>("[name=text]", form).value });
    });
    document.addEventListener("change", ({ target }) => {
      if (!(target instanceof HTMLInputElement) || !("pick" in target.dataset)) return;
      const party = target.closest<HTMLElement>("[data-party]")?.dataset.party ?? "";
      if (target.checked) this.#picked.add(party);
      else this.#picked.delete(party);
      this.#show();
    });
  }

  /** Marks the boxes of a list that is about to be shown. */
  restore(parts: HTMLElement[]): void {
    if (!this.#picked.size) return;
    const there = new Set<string>();
    for (const box of parts.flatMap((part) => all<HTMLInputElement>("[data-pick]", part))) {
      const party = box.closest<HTMLElement>("[data-party]")?.dataset.party ?? "";
      there.add(party);
      box.checked = this.#picked.has(party);
    }
    for (const party of this.#picked) if (!there.has(party)) this.#picked.delete(party);
    this.#show();
  }

  #select(on: boolean): void {
    if (!this.#root) return;
    document.body.classList.toggle("is-selecting", on);
    one("[data-several]", this.#root).hidden = !on;
    one("[data-several-message]", this.#root).hidden = true;
    one("[data-chips]", this.#root).hidden = on;
    if (on) one("[data-select-end]", this.#root).focus();
    else {
      this.#picked.clear();
      for (const box of all<HTMLInputElement>("[data-pick]")) box.checked = false;
      one("[data-select]", this.#root).focus();
    }
    this.#show();
  }

  /** Shows the row for a message in the place of the buttons, or these again. */
  #write(on: boolean): void {
    if (!this.#root) return;
    const form = one<HTMLFormElement>("[data-several-message]", this.#root);
    one("[data-several]", this.#root).hidden = on;
    form.hidden = !on;
    if (on) form.reset();
    one(on ? "[name=text]" : "[data-write]", this.#root).focus();
  }

  #show(): void {
    for (const button of all<HTMLButtonElement>("[data-with], [data-write]"))
      button.disabled = this.#busy || !this.#picked.size;
    for (const words of all("[data-picked]"))
      words.textContent = this.#picked.size ? `${this.#picked.size} selected` : "";
  }

  /** One request for all, in the order of the line; each can be undone on its own. `fields`: the same for each. */
  async #do(action: string, fields: Record<string, string> = {}): Promise<void> {
    if (this.#busy) return;
    this.#busy = true;
    this.#show();
    const picked = all("[data-part] [data-party]").filter((row) => this.#picked.has(row.dataset.party ?? ""));
    // Nobody reads a message to a party whose ticket is on no phone.
    const rows = action === "message-party" ? picked.filter(({ dataset }) => "hasPhone" in dataset) : picked;
    const came = await this.#acts.several(
      action,
      rows.map(({ dataset: { party = "", saw = "" } }) => ({ ...fields, party, saw })),
    );
    for (const [place, { ok }] of came.entries()) if (ok) this.#picked.delete(rows[place]?.dataset.party ?? "");
    this.#busy = false;
    const { text, wrong } = inWords(action, came, picked.length - rows.length);
    this.#snack.say(text, { wrong });
    if (wrong) this.#show();
    else this.#select(false);
  }
}

/** What came of one action for several parties. `phoneless`: how many it was not sent for. */
function inWords(action: string, came: Outcome[], phoneless: number): { text: string; wrong: boolean } {
  const refused = came.filter(({ ok }) => !ok);
  const kept = came.filter(({ pending }) => pending);
  const done = came.length - refused.length - kept.length;
  const parties = (count: number) => `${count} part${count === 1 ? "y" : "ies"}`;
  const words = [
    done && `${DONE[action]} ${parties(done)}.`,
    kept[0]?.text,
    ...new Set(refused.map(({ text }) => text)),
    phoneless && `${parties(phoneless)} without a phone: tell them.`,
  ];
  return { text: words.filter(Boolean).join(" "), wrong: refused.length + kept.length + phoneless > 0 };
}
