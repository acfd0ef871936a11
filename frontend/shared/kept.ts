/**
 * The guest's own copy of a page: the service worker keeps the last one (worker/sw.ts) and shows it when nobody answers. Such a
 * page says so, and how old it is, and is loaded anew as soon as somebody answers again.
 */
import { ago, fill } from "./words";

const LOOK_EVERY_MS = 10_000;
// On a network so slow that the worker gives up before it (worker/sw.ts), loading anew would show the same copy for ever.
const QUICK_MS = 2_500;
// A browser may never call itself idle.
const IDLE_WITHIN_MS = 3_000;

/** When this page was fetched (ms since 1970, by this phone's clock), if it is such a copy. */
export const keptAt = (): number => Number(document.documentElement.dataset.kept) || 0;

/** The page is as the server says now, e.g. because its content was replaced. */
export function isFresh(): void {
  delete document.documentElement.dataset.kept;
  tell();
}

/** Registers the worker when the page has all it needs and the browser has nothing to do, or soon. There is none on plain HTTP. */
export function registerWorker(): void {
  if (!("serviceWorker" in navigator)) return;
  const register = () => void navigator.serviceWorker.register("/sw.js").catch(() => {});
  const whenIdle = () =>
    "requestIdleCallback" in window
      ? requestIdleCallback(register, { timeout: IDLE_WITHIN_MS })
      : setTimeout(register, 1000);
  if (document.readyState === "complete") whenIdle();
  else addEventListener("load", whenIdle);
}

function tell(): void {
  for (const note of document.querySelectorAll<HTMLElement>("[data-kept-note]")) {
    const at = keptAt();
    note.hidden = !at;
    const text = at ? fill(note.dataset.keptNote ?? "", { ago: ago(Math.max(Date.now() - at, 0) / 1000) }) : "";
    if (note.textContent !== text) note.textContent = text;
  }
}

/** HEAD goes past the worker: whether the server itself answers. */
async function look(): Promise<void> {
  if (!keptAt() || document.hidden) return;
  try {
    const answer = await fetch(location.href, { method: "HEAD", signal: AbortSignal.timeout(QUICK_MS) });
    if (answer.ok && keptAt()) location.reload();
  } catch {
    // still nobody
  }
}

/** What every page of guests does. */
export function keep(): void {
  registerWorker();
  if (!keptAt()) return;
  tell();
  setInterval(tell, 1000);
  setInterval(look, LOOK_EVERY_MS * (0.8 + Math.random() * 0.4));
  addEventListener("online", look);
  document.addEventListener("visibilitychange", look);
}
