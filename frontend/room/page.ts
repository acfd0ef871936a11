/** The page of a room: its board, updated by polling the history. */
import { elapsedSince, type Instant, instant } from "../shared/clock";
import { all, one } from "../shared/dom";
import { freshness } from "../shared/freshness";
import { Poll } from "../shared/polling";
import { Board } from "./board";
import type { Tick } from "./ticks";

const QUIET_MS = 3_000;

export const page = one("[data-room]");
export const board = new Board(one("[data-live]", page));

export const isOpen = (): boolean => page.dataset.status === "open";

/** The ticks in an answer of the history (`{data: [...]}`). Throws for other statuses. */
export async function ticksOf(answer: Response): Promise<Tick[]> {
  if (answer.status === 404) location.reload(); // deleted
  if (!answer.ok) throw new Error(`status ${answer.status}`);
  return ((await answer.json()) as { data: Tick[] }).data;
}

/** Switches the page to a closed room. */
export function close(): void {
  page.dataset.status = "closed";
  freshness.end();
  for (const node of all("[data-open]", page)) node.hidden = true;
  for (const node of all("[data-closed]", page)) node.hidden = false;
}

/** Polls the history for new ticks each second; of a closed room, until it is complete. */
export function follow(): void {
  let askedAt: Instant | null = null;
  const poll = new Poll({
    url: board.history,
    options: { credentials: "omit" },
    everyMs: board.everyMs,
    onNews: async (answer) => {
      board.add(await ticksOf(answer));
      poll.url = board.history;
    },
    onSeen: () => {
      if (!isOpen()) {
        freshness.end();
        poll.stop();
      } else if ([board.newsAt, askedAt].every((at) => !at || elapsedSince(at) > QUIET_MS)) {
        askedAt = instant();
        void closeIfClosed();
      }
    },
    onTrouble: () => freshness.troubled(),
  });
  board.keepAge();
  poll.now();
}

/** Asks whether a room without new ticks is closed. */
async function closeIfClosed(): Promise<void> {
  try {
    const answer = await fetch(board.api, { credentials: "omit", cache: "no-store" });
    if (answer.ok && ((await answer.json()) as { status: string }).status === "closed") close();
  } catch {
    // Asked again soon.
  }
}
