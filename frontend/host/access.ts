/** Shows that this browser is not a host any more, with a link back; the page keeps all that was typed. */
import { one, write } from "../shared/dom";
import type { Unsent } from "../shared/send";

export class Access {
  readonly #banner = one("[data-access]");

  /** The server refused. */
  ended({ error, signIn }: Unsent): void {
    write(one("[data-access-said]", this.#banner), error);
    const link = one<HTMLAnchorElement>("a", this.#banner);
    link.hidden = !signIn;
    if (signIn) link.href = signIn;
    this.#banner.hidden = false;
  }

  /** It answers again, e.g. after signing in in another tab. */
  back(): void {
    this.#banner.hidden = true;
  }
}
