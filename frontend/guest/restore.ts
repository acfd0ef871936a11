/** A ticket's address opened in a browser that has no place yet: what stands in the fragment is taken over. */
import { placeIn, takeOver } from "./address";

const place = placeIn(location.hash);
if (place) takeOver(place);
