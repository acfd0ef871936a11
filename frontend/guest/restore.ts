/** A ticket's URL opened in a browser without a place: takes the place over from the fragment. */
import { placeIn, takeOver } from "./address";

function restore(): void {
  const place = placeIn(location.hash);
  if (place) takeOver(place);
}

restore();
// An address that differs in its fragment alone is no new page.
addEventListener("hashchange", restore);
