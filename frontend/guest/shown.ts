/**
 * Tells the server that this page shows a call, in front and on a screen that is on. For a guest who is reached by several ways it is
 * what a receipt is for a push: the call need not go by the next way.
 */
import { one } from "../shared/dom";
import { sendForm } from "../shared/send";

const AGAIN_MS = 5_000;

/** A function to call with the deadline of the call that is shown, as often as one likes: each call is told once. */
export function shownCalls(url: string, wanted: boolean): (deadline: number) => void {
  let told = 0;
  return (deadline) => {
    if (!wanted || told === deadline || document.visibilityState !== "visible") return;
    told = deadline;
    const fields = new FormData(one<HTMLFormElement>("[data-nearby-form]"));
    fields.set("deadline", String(deadline));
    sendForm(url, fields).catch(() => {
      setTimeout(() => {
        told = 0;
      }, AGAIN_MS);
    });
  };
}
