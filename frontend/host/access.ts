/** Shows that this browser is no longer a host, with a link to sign in. Typed text stays on the page. */
import { one, write } from "../shared/dom";
import type { Unsent } from "../shared/send";

export class Access {
  readonly #banner = one("[data-access]");

  /** The server refused. */
  ended({ error, signIn }: Unsent): void {
    write(one("[data-access-text]", this.#banner), error);
    const link = one<HTMLAnchorElement>("a", this.#banner);
    link.hidden = !signIn;
    if (signIn) link.href = signIn;
    this.#banner.hidden = false;
  }

  /** The server accepts this browser again, e.g. after signing in in another tab. */
  back(): void {
    this.#banner.hidden = true;
  }
}
