/** The code on the wall of a line that takes only guests who are here: fetched again when it changes. */
import { one } from "../shared/dom";

const RETRY_MS = 5_000;
const PART = "[data-here]";

/** How long the shown code is the newest one, by the server. */
const left = (): number => Number(one(PART).dataset.here);

async function renew(): Promise<void> {
  let next = RETRY_MS;
  try {
    const answer = await fetch(location.href, { cache: "no-store", signal: AbortSignal.timeout(10_000) });
    if (!answer.ok) throw new Error(`status ${answer.status}`);
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const part = page.querySelector<HTMLElement>(PART);
    if (!part) {
      location.reload(); // signed out, or every guest may join now: the page says which
      return;
    }
    one(PART).replaceWith(document.adoptNode(part));
    next = left();
  } catch {
    // The code counts for one more period, and the wall says that it is old.
  }
  setTimeout(renew, next);
}

setTimeout(renew, left());
