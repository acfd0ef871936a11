import { one, write } from "../shared/dom";
import type { Own } from "./ticket_state";

/** Shows what the ticket says of its party besides its place: name, guests, and the question after the visit. */
export function showParty(own: Own): void {
  const name = one("[data-name]");
  write(one("bdi", name), own.name);
  name.hidden = !own.name;
  write(one("[data-guests]"), own.guests);
  one("[data-visit]").hidden = !own.visit;
  one("[data-visit-new]").hidden = own.visit === "answered";
  one("[data-visit-answered]").hidden = own.visit !== "answered";
}
