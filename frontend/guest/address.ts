/** A ticket's place in the URL fragment, which is never sent to a server or a log. */
import { one } from "../shared/dom";

/** The party's id in a fragment such as `#place=…`; null without one. */
export const placeIn = (fragment: string): string | null => new URLSearchParams(fragment.slice(1)).get("place");

/** Stores the place in this browser: submits the page's form, and the server sets the cookie. */
export function takeOver(place: string): void {
  const form = one<HTMLFormElement>("[data-restore]");
  one<HTMLInputElement>("[name=place]", form).value = place;
  form.submit();
}
