/** Keeps this browser subscribed for one party: checks with browser and server, and repairs what it can. */
import { ask, bytes, currentKey, keyIs, moveTo, NoAnswer } from "../shared/subscription";

/** The party, and the language of its messages. */
export interface Wanted {
  sessionId: string;
  partyId: string;
  language: string | undefined;
}

/**
 * `never`: not requested. `on`: browser and server confirm it. `checking`: not known, no answer yet.
 * `lost`: the guest has to allow it again. `blocked`: the browser's settings forbid it. `failed`: it cannot be had.
 */
export type Found = "never" | "on" | "checking" | "lost" | "blocked" | "failed";

interface Status {
  subscribed: boolean;
  publicKey: string;
}

export class Subscriber {
  readonly #wanted: Wanted;
  // The endpoint the server had for this party: what was promised, and to which address.
  #promised: string;

  constructor(wanted: Wanted) {
    this.#wanted = wanted;
    this.#promised = remembered(this.#kept);
  }

  get promised(): boolean {
    return this.#promised !== "";
  }

  get #kept(): string {
    return `tallyline.push.${this.#wanted.partyId}`;
  }

  /** The current state, after repairing what the permission allows. Never throws. */
  async check(): Promise<Found> {
    const { permission } = Notification;
    if (permission !== "granted") {
      if (!this.promised) return "never";
      return permission === "denied" ? "blocked" : "lost";
    }
    try {
      const registration = await navigator.serviceWorker.getRegistration();
      const known = (await registration?.pushManager.getSubscription()) ?? null;
      const status = known && (await this.#status(known.endpoint));
      if (known && status?.subscribed && keyIs(known, status.publicKey)) {
        this.#promise(known.endpoint);
        return "on";
      }
      if (!this.promised) return "never";
      await this.subscribe();
      return "on";
    } catch (problem) {
      if (!this.promised) return "never";
      return problem instanceof NoAnswer || !navigator.onLine ? "checking" : "failed";
    }
  }

  /** Subscribes this browser and tells the server; the permission is given. Throws where it cannot be had. */
  async subscribe(): Promise<void> {
    const [registration, publicKey] = await Promise.all([
      navigator.serviceWorker.register("/sw.js").then(() => navigator.serviceWorker.ready),
      currentKey(),
    ]);
    const { pushManager } = registration;
    let known = await pushManager.getSubscription();
    const before = known?.endpoint ?? this.#promised;
    // Our key is another one; or the server had this very address and has dropped it: its push service said that it is dead.
    if (known && (!keyIs(known, publicKey) || (await this.#isDead(known.endpoint)))) {
      await known.unsubscribe();
      known = null;
    }
    known ??= await pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: bytes(publicKey) });
    // Other lines that this phone is in are told at the same address.
    if (before && before !== known.endpoint) await moveTo(known, before);
    await ask("/api/push/subscribe", { ...this.#wanted, subscription: known });
    this.#promise(known.endpoint);
  }

  async #isDead(endpoint: string): Promise<boolean> {
    return endpoint === this.#promised && !(await this.#status(endpoint)).subscribed;
  }

  async #status(endpoint: string): Promise<Status> {
    const answer = await ask("/api/push/status", { partyId: this.#wanted.partyId, endpoint });
    return (await answer.json()) as Status;
  }

  #promise(endpoint: string): void {
    if (this.#promised === endpoint) return;
    this.#promised = endpoint;
    remember(this.#kept, endpoint);
  }
}

// Storage may be forbidden; then a reload finds what the browser and the server say, and asks again where they say nothing.
function remember(key: string, endpoint: string): void {
  try {
    localStorage.setItem(key, endpoint);
  } catch {}
}

function remembered(key: string): string {
  try {
    return localStorage.getItem(key) ?? "";
  } catch {
    return "";
  }
}
