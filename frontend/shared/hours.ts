/** Shows when a service's line ends (_line_hours.html), as its newest snapshot has it. */
import { json, one, write } from "./dom";
import { fill } from "./labels";
import { timeOfDay } from "./times";

/** When a service's line ends (queues/shapes.py: public_line), in ms since 1970. */
export interface Hours {
  lastEntry: number;
  closing: number;
  end: number;
}

export type HoursPatterns = Record<"lastEntry" | "closing", string>;

export function showHours(hours: Hours | undefined): void {
  const node = one("[data-hours]");
  node.hidden = !hours;
  if (hours) write(node, hoursText(json<HoursPatterns>("labels"), hours, node.dataset.zone));
}

/** When a line ends, as queues/pages/labels.py says it; by the clock of its zone. */
export function hoursText(patterns: HoursPatterns, hours: Hours, zone: string | undefined): string {
  const at = (time: number) => timeOfDay(time, { zone });
  const last = hours.lastEntry === hours.closing ? "" : fill(patterns.lastEntry, { entry: at(hours.lastEntry) });
  return `${last} ${fill(patterns.closing, { closing: at(hours.closing), end: at(hours.end) })}`.trim();
}
