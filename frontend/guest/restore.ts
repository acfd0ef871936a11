/** A ticket's URL opened in a browser without a place: takes the place over from the fragment. */
import { placeIn, takeOver } from "./address";

function restore(): void {
  const place = placeIn(location.hash);
  if (place) takeOver(place);
}

restore();
// A URL that differs in its fragment alone loads no new page.
addEventListener("hashchange", restore);
