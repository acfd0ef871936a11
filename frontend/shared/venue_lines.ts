/** Follows which lines of a venue are open, and what they offer (queues/pages/venue.py: open_now). */
import type { Instant } from "./clock";
import { all, one, write } from "./dom";
import { Poll } from "./polling";

export interface OpenLine {
  code: string;
  /** Missing in what an older release answers. */
  name?: string;
  state: "open" | "paused" | "over" | "full";
  waiting: number;
  joinLowMs: number;
  joinHighMs: number;
  joinBySize?: [number | null, number, number][];
  /** Nobody can say the wait yet. */
  joinUnknown?: boolean;
  /** Tickets, the newest call first, and at the end the late ones. */
  called: number[];
  /** Those of them whose time is over; missing, as the message, in what an older release answers. */
  late?: number[];
  message?: string;
  /** Whether a join needs the code on the wall. */
  hereOnly?: boolean;
  /** Why it is paused, as guests read it. */
  pauseReason?: string;
}

export interface Watching {
  /** Shows a line that is still open on its card ([data-code]). The next poll waits for it: older news never come after newer ones. */
  show?: (line: OpenLine, card: HTMLElement) => void | Promise<void>;
  /** Whether the page may be loaded anew just now; asked when other lines are open. */
  mayLoad?: () => boolean;
  onSeen?: (asked: Instant) => void;
  onTrouble?: () => void;
}

/** Polls the address in [data-lines], every data-poll-ms. When other lines are open than the page shows (data-codes), it is loaded anew. */
export function watchLines({ show, mayLoad = () => true, ...seen }: Watching): Poll {
  const { lines = "", codes = "", pollMs } = one("[data-lines]").dataset;
  const cards = new Map(all("[data-code]").map((card) => [card.dataset.code, card]));
  return new Poll({
    url: lines,
    options: { credentials: "omit" },
    everyMs: Number(pollMs),
    onNews: async (answer) => {
      if (!answer.ok) throw new Error(`status ${answer.status}`);
      const { lines: open } = (await answer.json()) as { lines: OpenLine[] };
      if (open.map(({ code }) => code).join(" ") !== codes) {
        if (mayLoad()) location.reload();
        return;
      }
      await Promise.all(
        open.map(async (line) => {
          const card = cards.get(line.code);
          if (card) await showOn(card, line);
        }),
      );
    },
    ...seen,
  });

  async function showOn(card: HTMLElement, line: OpenLine): Promise<void> {
    if (line.name) write(one("bdi", card), line.name);
    for (const node of all("[data-in]", card)) node.hidden = node.dataset.in !== line.state;
    for (const reason of all("[data-reason]", card)) write(reason, line.pauseReason ?? "");
    await show?.(line, card);
  }
}
