/** The poster's print button, there only with this script. */
import { one } from "../shared/dom";

const button = one("[data-print]");
button.hidden = false;
button.addEventListener("click", () => print());
