/** Says that this browser is no host any more, with the way back; the page stays as it is, with all that was typed into it. */
import { one, write } from "../shared/dom";
import type { Unsent } from "../shared/send";

export class Access {
  readonly #banner = one("[data-access]");

  /** The server said so. */
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
