/** The poster's print button, which this script adds. */
import { one } from "../shared/dom";

const button = one("[data-print]");
button.hidden = false;
button.addEventListener("click", () => print());
