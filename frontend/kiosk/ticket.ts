/** A ticket on the tablet at the door: it goes away after some seconds, or when the guest is done. */
import "../shared/begin";
import { started } from "../shared/begin";
import { one } from "../shared/dom";
import { goOn } from "./next";

const ticket = one("[data-next]");
const { next = "", seconds = "" } = ticket.dataset;

setTimeout(() => goOn(next), Number(seconds) * 1000);
one("[data-done]").addEventListener("click", (event) => {
  event.preventDefault();
  void goOn(next);
});
// What the browser keeps for its back button is empty.
addEventListener("pagehide", () => ticket.replaceChildren());
addEventListener("pageshow", (event) => event.persisted && goOn(next));
started();
