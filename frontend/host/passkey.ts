/**
 * Forms that a passkey sends (django-allauth's scripts do the asking). They are shown where the browser has passkeys, and say so
 * when one was not used.
 */
import { all } from "../shared/dom";

const can = "PublicKeyCredential" in window;
for (const form of all("[data-passkey]")) form.hidden = !can;
for (const notice of all("[data-passkey-missing]")) notice.hidden = can;

document.addEventListener("allauth.error", (event) => {
  event.preventDefault();
  for (const notice of all("[data-passkey-failed]")) notice.hidden = false;
});
