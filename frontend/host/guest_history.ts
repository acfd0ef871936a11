/**
 * What the venue knows of a party's guest, in the party's pane: fetched when the pane opens, for it is in no row of the list. Without
 * a network its place is a link to the page that says the same.
 */
import { one } from "../shared/dom";
import { sendForm, unsentOf } from "../shared/send";
import { fragment } from "./fragment";

const PATIENCE_MS = 8_000;

export class GuestHistory {
  readonly #page: string;
  readonly #pane = one("[data-party-pane]");

  /** `page`: the console's address. */
  constructor(page: string) {
    this.#page = page;
    this.#pane.addEventListener("submit", (event) => {
      const form = event.target as HTMLFormElement;
      if (!("guestForm" in form.dataset)) return;
      event.preventDefault();
      void this.#send(form);
    });
  }

  /** Fetches it for the party that the pane shows. */
  async show(): Promise<void> {
    const place = this.#pane.querySelector<HTMLElement>("[data-guest]");
    if (!place) return;
    const url = `${this.#page}/guest/${one("[data-from=ticket]", this.#pane).textContent}`;
    one<HTMLAnchorElement>("[data-guest-link]", place).href = url;
    try {
      place.replaceChildren(...(await fragment(url, AbortSignal.timeout(PATIENCE_MS))).body.childNodes);
    } catch {
      // The link stays.
    }
  }

  async #send(form: HTMLFormElement): Promise<void> {
    const place = form.closest("[data-guest]") as HTMLElement;
    const said = one("[role=status]", form);
    said.textContent = "";
    try {
      const answer = await sendForm(form.action, new FormData(form), AbortSignal.timeout(PATIENCE_MS));
      const unsent = await unsentOf(answer);
      if (unsent) said.textContent = unsent.error;
      else if (answer.ok || answer.status === 400 || answer.status === 409) {
        fill(place, await answer.text());
        place.querySelector("button")?.focus(); // as before: the button was replaced
      } else said.textContent = "That did not work. Please try again.";
    } catch {
      said.textContent = "No connection: that was not saved.";
    }
  }
}

/** Puts the server's markup into its place, which may belong to a pane that is closed by now. */
function fill(place: HTMLElement, html: string): void {
  place.replaceChildren(...new DOMParser().parseFromString(html, "text/html").body.childNodes);
}
