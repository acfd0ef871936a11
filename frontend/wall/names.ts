/** Names of called guests: only on a screen that a host opened, of a venue that wants it (queues/pages/called.py). */
import { all } from "../shared/dom";

const TIMEOUT_MS = 10_000;

export class CalledNames {
  readonly #url: string | undefined;
  /** By ticket, as of the last answer; before the first one those that the server rendered. */
  known: ReadonlyMap<number, string>;

  /** `url`: the page's address for the names, undefined where it shows none; `list`: its cards. */
  constructor(url: string | undefined, list: HTMLElement) {
    this.#url = url;
    const rendered = all(".ticket-caption", list);
    this.known = new Map(rendered.map((name) => [Number(name.parentElement?.dataset.ticket), name.textContent ?? ""]));
  }

  /**
   * Asks for the names anew; resolves to whether an answer came. Without an answer the known ones stay: a call may wait for its name,
   * but not the wall for names that do not come. Never rejects. A browser that is no host's any more is answered with none.
   */
  async ask(): Promise<boolean> {
    if (!this.#url) return true;
    try {
      const answer = await fetch(this.#url, { cache: "no-store", signal: AbortSignal.timeout(TIMEOUT_MS) });
      if (!answer.ok) throw new Error(`status ${answer.status}`);
      const { names } = (await answer.json()) as { names: Record<string, string> };
      this.known = new Map(Object.entries(names).map(([ticket, name]) => [Number(ticket), name]));
      return true;
    } catch {
      return false;
    }
  }
}
