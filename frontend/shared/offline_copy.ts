/**
 * Offline copies of guest pages: the service worker keeps the last one (worker/sw.ts) and serves it when the server does not answer.
 * Such a page shows its age (freshness.ts) and reloads as soon as the server answers again.
 */
import { copiedAt, freshness } from "./freshness";

const LOOK_EVERY_MS = 10_000;
// Shorter than the worker's patience (worker/sw.ts): on a slower network a reload would show the same copy for ever.
const QUICK_MS = 2_500;
// A busy browser may never be idle.
const IDLE_WITHIN_MS = 3_000;

/** Marks the page as current, e.g. after its content was replaced. */
export function isFresh(): void {
  delete document.documentElement.dataset.kept;
  freshness.seen();
}

/** Registers the service worker once the page is loaded and the browser idle. Plain HTTP has none. */
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

/** Whether the server itself answers: HEAD bypasses the worker. */
async function look(): Promise<void> {
  if (!copiedAt() || document.hidden) return;
  try {
    const answer = await fetch(location.href, { method: "HEAD", signal: AbortSignal.timeout(QUICK_MS) });
    if (answer.ok && copiedAt()) location.reload();
  } catch {
    // Not yet.
  }
}

/** Runs on every guest page that has a copy. */
export function keepPage(): void {
  registerWorker();
  if (!copiedAt()) return;
  freshness.onSeen(() => void look());
  setInterval(look, LOOK_EVERY_MS * (0.8 + Math.random() * 0.4));
  addEventListener("online", look);
  document.addEventListener("visibilitychange", look);
}
