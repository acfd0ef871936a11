/**
 * The guest's own copy of a page: the service worker keeps the last one (worker/sw.ts) and shows it when the server does not answer.
 * Such a page says so, and how old it is (freshness.ts), and is loaded anew as soon as the server answers again.
 */
import { freshness, keptAt } from "./freshness";

const LOOK_EVERY_MS = 10_000;
// On a network so slow that the worker gives up before it (worker/sw.ts), loading anew would show the same copy for ever.
const QUICK_MS = 2_500;
// A browser may never call itself idle.
const IDLE_WITHIN_MS = 3_000;

/** The page is as the server says now, e.g. because its content was replaced. */
export function isFresh(): void {
  delete document.documentElement.dataset.kept;
  freshness.seen();
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

/** HEAD goes past the worker: whether the server itself answers. */
async function look(): Promise<void> {
  if (!keptAt() || document.hidden) return;
  try {
    const answer = await fetch(location.href, { method: "HEAD", signal: AbortSignal.timeout(QUICK_MS) });
    if (answer.ok && keptAt()) location.reload();
  } catch {
    // Not yet.
  }
}

/** What every page of guests does. */
export function keep(): void {
  registerWorker();
  if (!keptAt()) return;
  freshness.onSeen(() => void look());
  setInterval(look, LOOK_EVERY_MS * (0.8 + Math.random() * 0.4));
  addEventListener("online", look);
  document.addEventListener("visibilitychange", look);
}
