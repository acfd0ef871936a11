/** Countdowns and waiting times, which run between two answers. */
import { all, write } from "../shared/dom";
import { countdown } from "../shared/labels";

const LAST_SECONDS_MS = 20_000;
const HOURS_FROM_MIN = 90;

/** Writes countdowns and waits of the list as of `now` (the server's clock, ms); a replay's minutes run `scale` times faster. */
export function runClocks(list: HTMLElement, now: number): void {
  const scale = Number(list.dataset.scale) || 1;
  for (const node of all("[data-deadline]", list)) {
    const left = Number(node.dataset.deadline) - now;
    write(node, countdown(left));
    node.classList.toggle("late", left <= LAST_SECONDS_MS);
    const overdue = node.closest("[data-party]")?.querySelector<HTMLElement>("[data-overdue]");
    if (overdue) overdue.hidden = left > 0;
  }
  for (const node of all("[data-since]", list)) {
    write(node, minutes(((now - Number(node.dataset.since)) * scale) / 60_000));
  }
}

/** As queues/pages/labels.py: duration. */
export function minutes(exact: number): string {
  const whole = Math.max(Math.floor(exact), 0);
  const rest = whole % 60;
  if (whole <= HOURS_FROM_MIN) return `${whole} min`;
  return rest ? `${Math.floor(whole / 60)} h ${rest} min` : `${whole / 60} h`;
}
