/** One action for several parties. Each is sent with what the host saw of it; what cannot be done is said, the rest is done. */
import { all, one } from "../shared/dom";
import type { Acts } from "./acts";
import type { Snack } from "./snack";

const DONE: Record<string, string> = { call: "Called", seat: "Seated", "no-show": "No-show of", remove: "Removed" };

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
      const button = target.closest<HTMLElement>("[data-with]");
      if (button) void this.#do(button.dataset.with ?? "");
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
    one("[data-chips]", this.#root).hidden = on;
    if (on) one("[data-select-end]", this.#root).focus();
    else {
      this.#picked.clear();
      for (const box of all<HTMLInputElement>("[data-pick]")) box.checked = false;
      one("[data-select]", this.#root).focus();
    }
    this.#show();
  }

  #show(): void {
    for (const button of all<HTMLButtonElement>("[data-with]")) button.disabled = this.#busy || !this.#picked.size;
    for (const words of all("[data-picked]"))
      words.textContent = this.#picked.size ? `${this.#picked.size} selected` : "";
  }

  /** One request for all, in the order of the line; each can be undone on its own. */
  async #do(action: string): Promise<void> {
    const rows = all("[data-part] [data-party]").filter((row) => this.#picked.has(row.dataset.party ?? ""));
    this.#busy = true;
    this.#show();
    const came = await this.#acts.several(
      action,
      rows.map(({ dataset: { party = "", saw = "" } }) => ({ party, saw })),
    );
    const wrong = came.filter(({ ok }) => !ok).map(({ text }) => text);
    const kept = came.filter(({ pending }) => pending);
    for (const [place, { ok }] of came.entries()) if (ok) this.#picked.delete(rows[place]?.dataset.party ?? "");
    this.#busy = false;
    const done = came.length - wrong.length - kept.length;
    const words = done ? [`${DONE[action]} ${done} part${done === 1 ? "y" : "ies"}.`] : [];
    if (kept[0]) words.push(kept[0].text);
    this.#snack.say([...words, ...new Set(wrong)].join(" "), { wrong: wrong.length + kept.length > 0 });
    if (wrong.length) this.#show();
    else this.#select(false);
  }
}
