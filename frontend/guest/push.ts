/** Notifications: explained first, asked for on a tap, and only where the browser can. */
import { all, one } from "../shared/dom";
import { language } from "../shared/words";

/** The party that a subscription is for. */
export interface Ids {
  sessionId: string;
  partyId: string;
}

const PARTS = ["ask", "explain", "home", "on", "failed"] as const;
type Part = (typeof PARTS)[number];

/** What this browser can do: ask, be put on the Home Screen first (iOS), or nothing. */
export function possible(browser: Window & typeof globalThis = window): "ask" | "home" | "nothing" {
  const { navigator, isSecureContext } = browser;
  const able = isSecureContext && "serviceWorker" in navigator && "PushManager" in browser && "Notification" in browser;
  if (able) return browser.Notification.permission === "denied" ? "nothing" : "ask";
  const { standalone } = navigator as { standalone?: boolean };
  // Only iOS and iPadOS have this property; it is true once the page was opened from the Home Screen.
  return standalone === false && navigator.maxTouchPoints > 0 ? "home" : "nothing";
}

/** Shows the button inside `root`. */
export function offerPush(root: HTMLElement, ids: Ids): void {
  const way = possible();
  if (way === "nothing") return;
  const part = (name: string) => one<HTMLButtonElement>(`[data-push-${name}]`, root);
  const show = (shown: Part) => {
    for (const name of PARTS) part(name).hidden = name !== shown;
  };
  // What this tab has subscribed already; kept by ticket, so another place asks again.
  const kept = `tallyline.push.${ids.partyId}`;
  root.hidden = false;
  if (way === "home") startHere();
  show(way === "ask" && remembered(kept) && Notification.permission === "granted" ? "on" : "ask");
  part("ask").addEventListener("click", () => {
    show(way === "home" ? "home" : "explain");
    one(`[data-push-${way === "home" ? "home" : "explain"}] button`, root).focus();
  });
  for (const not of all("[data-push-not]", root)) not.addEventListener("click", () => show("ask"));
  part("allow").addEventListener("click", async () => {
    part("allow").disabled = true;
    try {
      await subscribe(ids);
      remember(kept);
      show("on");
    } catch {
      show("failed");
    } finally {
      part("allow").disabled = false;
    }
  });
}

/** The Home Screen shall open this very address, whose fragment brings the place along: it shares no cookies with Safari. */
function startHere(): void {
  const link = one<HTMLLinkElement & HTMLElement>("link[rel=manifest]", document.head);
  link.href = `${new URL(link.href).pathname}?start=here`;
}

async function subscribe(ids: Ids): Promise<void> {
  // Safari asks only within the tap itself, so the question comes before anything is fetched.
  if ((await Notification.requestPermission()) !== "granted") throw new Error("not granted");
  const [registration, answer] = await Promise.all([
    navigator.serviceWorker.register("/sw.js").then(() => navigator.serviceWorker.ready),
    fetch("/api/push/vapid", { credentials: "omit" }),
  ]);
  const { publicKey } = (await answer.json()) as { publicKey?: string };
  if (!publicKey) throw new Error("no key");
  const key = bytes(publicKey);
  const known = await registration.pushManager.getSubscription();
  if (known && !same(known.options.applicationServerKey, key)) await known.unsubscribe();
  const subscription = await registration.pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: key });
  const told = await fetch("/api/push/subscribe", {
    method: "POST",
    headers: { "content-type": "application/json" },
    credentials: "omit",
    body: JSON.stringify({ ...ids, subscription, language: language() }),
  });
  if (!told.ok) throw new Error(`status ${told.status}`);
}

const bytes = (base64url: string) =>
  Uint8Array.from(atob(base64url.replaceAll("-", "+").replaceAll("_", "/")), (letter) => letter.charCodeAt(0));

const same = (one: ArrayBuffer | null, other: Uint8Array) =>
  one !== null && new Uint8Array(one).every((byte, index) => byte === other[index]);

// Storage may be forbidden; then the button simply asks again after a reload.
function remember(key: string): void {
  try {
    localStorage.setItem(key, "1");
  } catch {}
}

function remembered(key: string): boolean {
  try {
    return localStorage.getItem(key) !== null;
  } catch {
    return false;
  }
}
