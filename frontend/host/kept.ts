/**
 * The way of a button to the server: kept on the tablet, then sent (outbox.ts). What is not sent is shown (not_sent.ts), and goes when
 * the network is back.
 */

import type { Pressed } from "./actions";
import { rowOf } from "./board";
import type { News } from "./news";
import { NotSent } from "./not_sent";
import { Outbox } from "./outbox";
import { keptAction, pressedOf } from "./pressed";

export class Kept {
  readonly outbox: Outbox;
  readonly notSent: NotSent;
  readonly #news: News;

  private constructor(outbox: Outbox, news: News) {
    this.outbox = outbox;
    this.notSent = new NotSent(outbox);
    this.#news = news;
    let renewing = false;
    outbox.onChange(() => {
      if (!outbox.ended || renewing) return;
      renewing = true;
      void this.#renew().finally(() => {
        renewing = false;
      });
    });
    addEventListener("online", () => this.flush());
    document.addEventListener("visibilitychange", () => document.hidden || this.flush());
    this.notSent.draw();
    this.flush();
  }

  /** The outbox of the line with this code. Never rejects. */
  static async open(line: string, news: News): Promise<Kept> {
    return new Kept(await Outbox.open({ line, proof: () => news.proof }), news);
  }

  /** Sends what waits, now. */
  flush(): void {
    if (this.outbox.pending.length) void this.outbox.flush({ now: true }).catch(() => {});
  }

  /** What the form with this address says, if it is kept: one action. */
  pressed(url: string, form: FormData): Pressed | undefined {
    const action = keptAction(url);
    if (!action) return undefined;
    const page = {
      version: Number(this.#news.list.dataset.version),
      now: this.#news.clock.now(),
      nameOf: (party: string) => rowOf(party)?.dataset.what,
    };
    const several = pressedOf(action, form, page);
    return several.length === 1 ? several[0] : undefined;
  }

  /** The server does not know this host any more: takes a new proof from the page, if the browser is still signed in. */
  async #renew(): Promise<void> {
    const before = this.#news.proof["x-host-auth"];
    await this.#news.renewProof().catch(() => {});
    if (this.#news.proof["x-host-auth"] !== before) await this.outbox.flush({ now: true });
  }
}
