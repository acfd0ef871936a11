/** A ticket's address opened in a browser that has no place yet: what stands in the fragment is taken over. */
import { placeIn, takeOver } from "./address";

function restore(): void {
  const place = placeIn(location.hash);
  if (place) takeOver(place);
}

restore();
// An address that differs in its fragment alone is no new page.
addEventListener("hashchange", restore);
