/** Pages that stand in the place of another: they load the very address again, with its fragment, which may keep a place. */
import { one } from "../shared/dom";

const link = one("[data-again]");
const again = () => location.reload();

link.addEventListener("click", (event) => {
  event.preventDefault();
  again();
});
const afterMs = Number(link.dataset.again);
if (afterMs) setTimeout(again, afterMs);
