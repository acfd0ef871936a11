/** Countdowns and waiting times, which run between two answers. */
import { all, write } from "../shared/dom";
import { countdown } from "../shared/labels";

const LAST_SECONDS_MS = 20_000;
const HOURS_FROM_MIN = 90;

/** Writes countdowns and waits as of `now` (the server's clock, ms); a replay's minutes run `scale` times faster. */
export function runClocks(within: HTMLElement, now: number, scale = 1): void {
  for (const node of all("[data-deadline]", within)) {
    const left = Number(node.dataset.deadline) - now;
    write(node, left > 0 ? countdown(left) : minutes(-left / 60_000));
    node.classList.toggle("soon", left <= LAST_SECONDS_MS);
    const row = node.closest<HTMLElement>("[data-party]");
    row?.classList.toggle("is-late", left <= 0);
    for (const late of row ? all("[data-overdue]", row) : []) late.hidden = left > 0;
  }
  for (const node of all("[data-since]", within)) {
    const waitedMs = (now - Number(node.dataset.since)) * scale;
    write(node, minutes(waitedMs / 60_000));
    const quoted = Number(node.closest<HTMLElement>("[data-quote-high-ms]")?.dataset.quoteHighMs);
    if (quoted > 0) node.closest(".waits")?.classList.toggle("late", waitedMs > quoted);
  }
}

/** As queues/pages/labels.py: ago. */
export const ago = (exact: number): string => (exact < 1 ? "just now" : `${minutes(exact)} ago`);

/** As queues/pages/labels.py: duration. */
export function minutes(exact: number): string {
  const whole = Math.max(Math.floor(exact), 0);
  const rest = whole % 60;
  if (whole <= HOURS_FROM_MIN) return `${whole} min`;
  return rest ? `${Math.floor(whole / 60)} h ${rest} min` : `${whole / 60} h`;
}
