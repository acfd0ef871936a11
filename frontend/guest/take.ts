/** A scanned code of a ticket: sends what the fragment holds, and takes it out of the address. */
import { one } from "../shared/dom";

function take(): void {
  const code = location.hash.slice(1);
  // The skip link's fragment is no code.
  if (!/^\d+-\w+$/.test(code)) return;
  history.replaceState(null, "", location.pathname);
  const form = one<HTMLFormElement>("[data-take]");
  one<HTMLInputElement>("[name=code]", form).value = code;
  form.submit();
}

take();
// A URL that differs in its fragment alone loads no new page.
addEventListener("hashchange", take);
