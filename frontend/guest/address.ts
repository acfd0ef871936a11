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

/** Keeps the party's place in the URL, for opening it elsewhere; once it has ended, takes over another place that the URL holds. */
export function keepPlace(party: string, hasEnded: () => boolean): void {
  const keep = () => {
    const place = placeIn(location.hash);
    if (place && place !== party && hasEnded()) takeOver(place);
    else if (place !== party) history.replaceState(null, "", `#place=${party}`);
  };
  keep();
  // A URL with another place was opened in this tab; or the skip link removed the place from the fragment.
  addEventListener("hashchange", keep);
}
