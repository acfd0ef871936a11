/** A browser's push subscription, for the ticket page and for the service worker. */

export const bytes = (base64url: string) =>
  Uint8Array.from(atob(base64url.replaceAll("-", "+").replaceAll("_", "/")), (letter) => letter.charCodeAt(0));

/** Whether the subscription was made with this VAPID key (base64url): push services refuse messages signed with another. */
export function keyIs(subscription: PushSubscription, publicKey: string): boolean {
  const used = subscription.options.applicationServerKey;
  if (!used) return false;
  const wanted = bytes(publicKey);
  const key = new Uint8Array(used);
  return key.length === wanted.length && key.every((byte, index) => byte === wanted[index]);
}

/** The server or the network did not answer, which says nothing about notifications. */
export class NoAnswer extends Error {}

/** Asks the API; `body` makes it a POST. Rejects with NoAnswer where it cannot answer now, an Error where it refuses. */
export async function ask(path: string, body?: unknown): Promise<Response> {
  const options: RequestInit = { credentials: "omit", cache: "no-store" };
  if (body) Object.assign(options, { method: "POST", body: JSON.stringify(body) });
  if (body) options.headers = { "content-type": "application/json" };
  const answer = await fetch(path, options).catch(() => null);
  if (!answer || answer.status >= 500 || answer.status === 429) throw new NoAnswer();
  if (!answer.ok) throw new Error(`status ${answer.status}`);
  return answer;
}

/** The key that browsers subscribe with. */
export async function currentKey(): Promise<string> {
  const { publicKey } = (await (await ask("/api/push/vapid")).json()) as { publicKey?: string };
  if (!publicKey) throw new Error("no key");
  return publicKey;
}

/** Tells the server that this subscription replaces the old endpoint, for all lines that this phone is in. */
export async function moveTo(subscription: PushSubscription, endpoint: string): Promise<void> {
  await ask("/api/push/renew", { endpoint, subscription });
}

const KEPT = "tallyline-push";
const ADDRESS = "/push/endpoint";

/** The endpoint that the server has of this browser, as far as it was told: what a new one replaces. Empty when not known. */
export async function keptEndpoint(): Promise<string> {
  try {
    const found = await (await caches.open(KEPT)).match(ADDRESS);
    return found ? await found.text() : "";
  } catch {
    return ""; // no storage here
  }
}

/** The server has this endpoint of the browser now. A cache holds it, which pages and the worker share. */
export async function keepEndpoint(endpoint: string): Promise<void> {
  try {
    await (await caches.open(KEPT)).put(ADDRESS, new Response(endpoint));
  } catch {
    // no storage here: the browser's own events name the old one
  }
}
