/** Shows when a service's line ends (_line_hours.html), as its newest snapshot has it. */
import { json, one, write } from "./dom";
import { type Hours, type HoursPatterns, hoursText } from "./labels";

export function showHours(hours: Hours | undefined): void {
  const node = one("[data-hours]");
  node.hidden = !hours;
  if (hours) write(node, hoursText(json<HoursPatterns>("labels"), hours, node.dataset.zone ?? "UTC"));
}
