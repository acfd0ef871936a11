/**
 * Notifications: explained first, then requested on a tap, where the browser supports them. Browser and server are asked each
 * time whether they are on; the page stores no answer (decision 0032).
 */
import { all, one } from "../shared/dom";
import { language } from "../shared/labels";
import { Subscriber } from "./subscriber";

/** The party to subscribe for. */
export interface Ids {
  sessionId: string;
  partyId: string;
}

const PARTS = ["ask", "explain", "home", "on", "proven", "unsure", "checking", "lost", "blocked", "failed"] as const;
type Part = (typeof PARTS)[number];

// Only a visible page asks; a hidden one asks once it is visible.
const CHECK_EVERY_MS = 60_000;

/** What this browser allows: `ask` for permission; `home`: only from the Home Screen (iOS); `blocked`; `nothing`. */
export function possible(browser: Window & typeof globalThis = window): "ask" | "home" | "blocked" | "nothing" {
  const { navigator, isSecureContext } = browser;
  const able = isSecureContext && "serviceWorker" in navigator && "PushManager" in browser && "Notification" in browser;
  if (able) return browser.Notification.permission === "denied" ? "blocked" : "ask";
  const { standalone } = navigator as { standalone?: boolean };
  // Only iOS and iPadOS have this property; it is true once the page was opened from the Home Screen.
  return standalone === false && navigator.maxTouchPoints > 0 ? "home" : "nothing";
}

/** Shows the button inside `root` and the current state. Returns a function that checks again, e.g. when the place has changed. */
export function offerPush(root: HTMLElement, ids: Ids): () => void {
  const way = possible();
  const part = (name: string) => one<HTMLButtonElement>(`[data-push-${name}]`, root);
  const show = (shown: Part | null) => {
    root.hidden = shown === null;
    for (const name of PARTS) part(name).hidden = name !== shown;
  };
  if (way === "nothing") return () => {};
  const subscriber = new Subscriber({ ...ids, language: language() });
  let shown: Part | null = null;
  let busy = false;
  let again = false;
  const set = (next: Part | null) => {
    shown = next;
    show(next);
  };

  async function check(): Promise<void> {
    if (shown === "explain" || document.hidden) return;
    again = busy;
    if (busy) return;
    busy = true;
    try {
      const found = await subscriber.check();
      // Offered only to guests who never subscribed; a refused permission is respected.
      if (found === "never") set(possible() === "ask" ? "ask" : null);
      else set(found);
    } finally {
      busy = false;
      if (again) void check();
    }
  }

  async function allow(button: HTMLButtonElement): Promise<void> {
    button.disabled = true;
    busy = true;
    try {
      // Safari asks only within the tap itself, so the permission is requested before any fetch.
      const granted = (await Notification.requestPermission()) === "granted";
      if (granted) await subscriber.subscribe();
      set(granted ? "on" : "failed");
    } catch {
      set("failed");
    } finally {
      button.disabled = false;
      busy = false;
    }
  }

  part("ask").addEventListener("click", () => {
    set(way === "home" ? "home" : "explain");
    one(`[data-push-${way === "home" ? "home" : "explain"}] button`, root).focus();
  });
  for (const not of all("[data-push-not]", root)) not.addEventListener("click", () => set("ask"));
  for (const name of ["allow", "again"]) part(name).addEventListener("click", () => void allow(part(name)));
  if (way === "home") {
    startHere();
    set("ask");
    return () => {};
  }
  set(subscriber.promised ? "checking" : way === "ask" ? "ask" : null);
  const look = () => void check();
  look();
  setInterval(look, CHECK_EVERY_MS * (0.8 + Math.random() * 0.4));
  document.addEventListener("visibilitychange", look);
  for (const event of ["focus", "pageshow", "online"]) addEventListener(event, look);
  navigator.serviceWorker.addEventListener("controllerchange", look);
  // The worker's message: the browser has changed its subscription.
  navigator.serviceWorker.addEventListener("message", look);
  navigator.permissions?.query({ name: "notifications" }).then(
    (status) => status.addEventListener("change", look),
    () => {}, // the next check sees it
  );
  return look;
}

/** Makes the Home Screen open this URL, whose fragment holds the place: the app shares no cookies with Safari. */
function startHere(): void {
  const link = one<HTMLLinkElement & HTMLElement>("link[rel=manifest]", document.head);
  link.href = `${new URL(link.href).pathname}?start=here`;
}
