/** From one guest of the tablet at the door to the next. */
import { all, one } from "../shared/dom";

const TRY_AGAIN_MS = 3_000;

/**
 * Takes the page's content away at once and opens the start, once the server can be reached: a page that cannot be loaded would
 * leave the browser's own error page at the door. Until then the page says that there is no connection.
 */
export async function goOn(next: string): Promise<void> {
  for (const part of all("[data-next]")) part.replaceChildren();
  for (;;) {
    try {
      await fetch(next, { method: "HEAD", redirect: "manual", cache: "no-store" });
      return location.replace(next);
    } catch {
      one("[data-offline]").hidden = false;
      await new Promise((resolve) => setTimeout(resolve, TRY_AGAIN_MS));
    }
  }
}
