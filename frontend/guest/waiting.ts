/** How many parties wait in a line, and how long a new one would, by its size (templates/guest/_waiting.html). */
import { all, one, write } from "../shared/dom";
import { number, type Patterns, waitRange } from "../shared/labels";

// What is told where no size is typed (queues/waits.py: USUAL_SIZE).
const USUAL_SIZE = 2;

export interface Waiting {
  waiting: number;
  joinLowMs: number;
  joinHighMs: number;
  /** By class of size, where classes wait differently: [of up to so many guests (null: any larger), low, high]. */
  joinBySize?: BySize;
  /** Nobody can say the wait yet. */
  joinUnknown?: boolean;
}
type BySize = [guests: number | null, lowMs: number, highMs: number][];

export function showWaiting(patterns: Patterns, line: Waiting, within: ParentNode = document): void {
  const waiting = one("[data-waiting]", within);
  write(waiting, number(line.waiting));
  const noun = waiting.nextElementSibling as HTMLElement;
  write(noun, (line.waiting === 1 ? noun.dataset.one : noun.dataset.many) ?? "");
  const bySize = line.joinBySize?.length ? line.joinBySize : [[null, line.joinLowMs, line.joinHighMs]];
  const wait = one("[data-wait]", within);
  wait.dataset.wait = JSON.stringify(bySize);
  wait.toggleAttribute("data-unknown", Boolean(line.joinUnknown));
  showWait(patterns, within);
}

/** The wait for the size that is typed. */
function showWait(patterns: Patterns, within: ParentNode): void {
  const wait = one("[data-wait]", within);
  const size = Number(within.querySelector<HTMLInputElement>("[name=size]")?.value) || USUAL_SIZE;
  const bySize = JSON.parse(wait.dataset.wait ?? "[]") as BySize;
  const [, low, high] = bySize.find(([guests]) => guests === null || size <= guests) ?? [null, 0, 0];
  write(one("strong", wait), waitRange(patterns, low, high, "unknown" in wait.dataset));
}

/** Goes with the form's size. */
export function followSize(patterns: Patterns, within: ParentNode = document): void {
  for (const input of all<HTMLInputElement>("[name=size]", within)) {
    input.addEventListener("input", () => showWait(patterns, within));
    showWait(patterns, within);
  }
}
