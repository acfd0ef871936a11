/** For error pages: loads the same URL again, with its fragment, which may hold a place. */
import { one } from "../shared/dom";

const link = one("[data-again]");
const again = () => location.reload();

link.addEventListener("click", (event) => {
  event.preventDefault();
  again();
});
const afterMs = Number(link.dataset.again);
if (afterMs) setTimeout(again, afterMs);
