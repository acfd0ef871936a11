/** The place a ticket's address keeps, in the fragment, which no server and no log ever sees. */
import { one } from "../shared/dom";

/** The party's id in a fragment such as `#place=…`; null without one. */
export const placeIn = (fragment: string): string | null => new URLSearchParams(fragment.slice(1)).get("place");

/** Gives the place to this browser: the server sets the cookie that keeps it. The page has the form. */
export function takeOver(place: string): void {
  const form = one<HTMLFormElement>("[data-restore]");
  one<HTMLInputElement>("[name=place]", form).value = place;
  form.submit();
}
