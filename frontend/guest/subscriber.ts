/** Keeps this browser subscribed for one party: checks with browser and server, and repairs what it can. */
import { ask, bytes, currentKey, keepEndpoint, keptEndpoint, keyIs, moveTo, NoAnswer } from "../shared/subscription";

/** The party, and the language of its messages. */
export interface Wanted {
  sessionId: string;
  partyId: string;
  language: string | undefined;
}

/**
 * `never`: not requested. `on`: browser and server confirm it; `proven`: and the newest message has arrived here; `unsure`: it has
 * not. `checking`: no answer yet. `lost`: the guest must allow it again. `blocked`: the browser's settings forbid it. `failed`: the
 * browser cannot subscribe.
 */
export type Found = "never" | "on" | "proven" | "unsure" | "checking" | "lost" | "blocked" | "failed";

interface Status {
  subscribed: boolean;
  /** The party's messages go, or went, to some browser. */
  wanted: boolean;
  /** Whether the newest message has arrived on this browser; null: none was sent, or just now. */
  arrived: boolean | null;
  publicKey: string;
}

export class Subscriber {
  readonly #wanted: Wanted;
  // The endpoint that the server has confirmed for this party; empty before.
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
    if (permission === "default") return this.promised ? "lost" : "never";
    let wanted = this.promised;
    try {
      const known = permission === "granted" ? await subscription() : null;
      const status = await this.#status(known?.endpoint);
      // The server knows it, also where this browser's storage was emptied.
      wanted ||= status.wanted;
      if (!wanted) return "never";
      if (permission === "denied") return "blocked";
      if (known && status.subscribed && keyIs(known, status.publicKey)) {
        await this.#promise(known.endpoint);
        return status.arrived === true ? "proven" : status.arrived === false ? "unsure" : "on";
      }
      await this.subscribe();
      return "on";
    } catch (problem) {
      if (!wanted) return "never";
      if (permission === "denied") return "blocked";
      return problem instanceof NoAnswer || !navigator.onLine ? "checking" : "failed";
    }
  }

  /** Subscribes this browser and tells the server. Needs the permission. Throws when the browser cannot subscribe. */
  async subscribe(): Promise<void> {
    const [registration, publicKey] = await Promise.all([
      navigator.serviceWorker.register("/sw.js").then(() => navigator.serviceWorker.ready),
      currentKey(),
    ]);
    const { pushManager } = registration;
    let known = await pushManager.getSubscription();
    const before = (await keptEndpoint()) || this.#promised || known?.endpoint;
    // The server has another key; or it dropped this endpoint because the push service called it dead.
    if (known && (!keyIs(known, publicKey) || (await this.#isDead(known.endpoint)))) {
      await known.unsubscribe();
      known = null;
    }
    known ??= await pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: bytes(publicKey) });
    // For the other lines that this phone is in.
    if (before && before !== known.endpoint) await moveTo(known, before);
    await ask("/api/push/subscribe", { ...this.#wanted, subscription: known, keepOthers: true });
    await this.#promise(known.endpoint);
  }

  async #isDead(endpoint: string): Promise<boolean> {
    return endpoint === this.#promised && !(await this.#status(endpoint)).subscribed;
  }

  async #status(endpoint?: string): Promise<Status> {
    const answer = await ask("/api/push/status", { partyId: this.#wanted.partyId, endpoint });
    return (await answer.json()) as Status;
  }

  async #promise(endpoint: string): Promise<void> {
    if (this.#promised !== endpoint) {
      this.#promised = endpoint;
      remember(this.#kept, endpoint);
    }
    await keepEndpoint(endpoint);
  }
}

async function subscription(): Promise<PushSubscription | null> {
  const registration = await navigator.serviceWorker.getRegistration();
  return (await registration?.pushManager.getSubscription()) ?? null;
}

// Storage may be forbidden. Then a reload goes by what browser and server answer, and offers notifications again without one.
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
