/** How many parties wait in a line, and how long a new one would (templates/guest/_waiting.html). */
import { one, write } from "../shared/dom";
import { number, type Patterns, waitRange } from "../shared/labels";

export interface Waiting {
  waiting: number;
  joinLowMs: number;
  joinHighMs: number;
}

export function showWaiting(patterns: Patterns, line: Waiting, within: ParentNode = document): void {
  const waiting = one("[data-waiting]", within);
  write(waiting, number(line.waiting));
  const noun = waiting.nextElementSibling as HTMLElement;
  write(noun, (line.waiting === 1 ? noun.dataset.one : noun.dataset.many) ?? "");
  write(one("[data-wait] strong", within), waitRange(patterns, line.joinLowMs, line.joinHighMs));
}
