/**
 * The ballots cast on this phone: stored before they are sent, and sent until our server has answered. Page and service worker share
 * it, and only one of them sends at a time (decisions 0018 and 0024).
 */
import { askedMs, left } from "../shared/backoff";
import { channel, exclusively } from "../shared/one_sender";
import { uuid } from "../shared/uuid";
import { newKeys, type Signed, sign } from "./signing";
import { NAME, Storage } from "./storage";
import { Waits } from "./waits";
import { prove } from "./work";

const TIMEOUT_MS = 10_000;
// Without Web Locks: how long a sender's lease lasts (ms).
const LEASE_MS = TIMEOUT_MS + 5_000;
// Statuses that may change at the next try: not an answer to the vote.
const AGAIN = new Set([408, 425, 429]);
// The tag of the service worker's sync event (Background Sync) that drains the outbox.
export const SYNC_TAG = "ballots";

export interface Receipt {
  ballotId: string;
  pollId: string;
  /** ms since 1970 */
  time: number;
  seal: string;
  /** The round of the poll it counts in. */
  epoch?: number;
}

/** One poll's ballot. Times in ms since 1970 by this phone's clock. */
export interface Ballot extends Partial<Signed> {
  poll: string;
  id: string;
  /** Where it is sent. */
  url: string;
  choices: number[];
  /** The round of the poll that it was cast in; absent in ballots of older versions. */
  epoch?: number;
  code?: string;
  /** Zero bits of the proof of work that the poll needs. */
  bits?: number;
  work?: number;
  state: "pending" | "counted" | "refused";
  created: number;
  attempts: number;
  /** When the timer sends it next. */
  next: number;
  /** How long that wait is, ms. */
  wait?: number;
  /** The earliest time that the server allows (Retry-After). Only the voter's own "now" ignores it. */
  notBefore: number;
  /** Lease: a tab or the worker is sending it, until this time at the latest. */
  lease: number;
  /** Only of a counted ballot. */
  receipt?: Receipt;
  /** Only of a refused ballot: the server's reason, a sentence in the page's language. */
  problem?: string;
}

/** A ballot to be cast; its id is random unless the page has chosen one. */
export type Cast = Pick<Ballot, "poll" | "url" | "choices" | "epoch" | "code" | "bits"> & { id?: string };

export interface Sending {
  /** The voter asks for it: sends at once, also while another tab sends. (A ballot sent twice counts once.) */
  now?: boolean;
  /** Called before the try. */
  onBegin?: (ballot: Ballot) => void;
}

export class Outbox {
  readonly #storage: Storage;
  readonly #channel = channel(NAME);
  readonly #waits = new Waits();

  private constructor(storage: Storage) {
    this.#storage = storage;
  }

  /** Never rejects: without the browser's storage ballots are kept in memory, and `lasting` is false. */
  static async open(): Promise<Outbox> {
    return new Outbox(await Storage.open());
  }

  /** Whether ballots outlive the page (in the browser's storage). */
  get lasting(): boolean {
    return this.#storage.lasting;
  }

  close(): void {
    this.#channel?.close();
    this.#storage.close();
  }

  /** Calls back when another tab, or the worker, has changed the ballot of this poll. */
  onNews(news: (poll: string) => void): void {
    this.#channel?.addEventListener("message", (message: MessageEvent<string>) => news(message.data));
  }

  of(poll: string): Promise<Ballot | undefined> {
    return this.#storage.ballot(poll);
  }

  /** Stores a new ballot, and resolves once it is on the disk. A ballot that is already pending is kept instead. */
  async keep({ poll, url, choices, epoch, code, bits, id = uuid() }: Cast): Promise<Ballot> {
    const signed = await this.#sign(poll, id, choices, epoch);
    const round = epoch === undefined ? {} : { epoch };
    const fresh: Ballot = {
      ...{ poll, id, url, choices, ...round, ...(code && { code }), ...(bits && { bits }), ...signed },
      ...{ state: "pending", created: Date.now(), attempts: 0, next: 0, notBefore: 0, lease: 0 },
    };
    const kept = await this.#storage.change(poll, (known) => (known?.state === "pending" ? known : fresh));
    return kept ?? fresh;
  }

  /** Deletes the ballot, unless a newer one has replaced it. */
  forget(ballot: Ballot): Promise<void> {
    return this.#storage.forget(ballot);
  }

  /** Sends the poll's ballot if it is pending, its waits are over and no other tab is sending it; resolves to the ballot. */
  async send(poll: string, { now = false, onBegin }: Sending = {}): Promise<Ballot | undefined> {
    await exclusively(`${NAME}.${poll}`, now, async (alone) => {
      const ballot = await this.#claim(poll, alone, now);
      if (!ballot) return;
      onBegin?.(ballot);
      await this.#settle(ballot, await answerTo(await this.#proven(ballot)));
    });
    return this.of(poll);
  }

  /** ms until the page's timer should send this ballot. */
  wait(ballot: Ballot): number {
    return this.#waits.untilNext(ballot);
  }

  /** Sends all pending ballots. Resolves to whether one is still pending. Rejects when the storage hangs. */
  async drain(): Promise<boolean> {
    for (const { poll, state } of await this.#storage.ballots()) if (state === "pending") await this.send(poll);
    const rest = await this.#storage.ballots();
    if (!this.lasting) throw new Error("the storage hangs");
    return rest.some(({ state }) => state === "pending");
  }

  /** Takes the lease and counts the try before it is made, so that the try of a killed tab counts too. */
  async #claim(poll: string, alone: boolean, now: boolean): Promise<Ballot | undefined> {
    let claimed = false;
    const ballot = await this.#storage.change(poll, (known) => {
      if (known?.state !== "pending") return undefined;
      const leased = !alone && left(known.lease, LEASE_MS) > 0;
      if (!now && (leased || this.#waits.untilAllowed(known) > 0)) return undefined;
      claimed = true;
      return { ...known, attempts: known.attempts + 1, lease: Date.now() + LEASE_MS };
    });
    return claimed ? ballot : undefined;
  }

  /** The ballot with its proof of work, which is computed once and stored. */
  async #proven(ballot: Ballot): Promise<Ballot> {
    const { poll, id, bits } = ballot;
    if (!bits || ballot.work !== undefined) return ballot;
    const work = await prove(poll, id, bits);
    await this.#storage.change(poll, (known) => (known?.id === id ? { ...known, work } : undefined));
    return { ...ballot, work };
  }

  async #settle({ poll, id }: Ballot, outcome: Outcome): Promise<void> {
    await this.#storage.change(poll, (known) => {
      if (known?.id !== id || known.state !== "pending") return undefined;
      const free = { ...known, lease: 0 };
      if (outcome.state !== "pending") return { ...free, ...outcome };
      return this.#waits.begin(free, outcome.retryAfterMs ?? 0);
    });
    this.#channel?.postMessage(poll);
  }

  /** Signs with this poll's key, which is made once. Returns {} where the browser cannot sign or store keys. */
  async #sign(poll: string, id: string, choices: number[], epoch?: number): Promise<Partial<Signed>> {
    if (!crypto.subtle) return {};
    try {
      return await sign(await this.#storage.keys(poll, newKeys), { poll, id, choices, epoch });
    } catch {
      return {};
    }
  }
}

type Outcome =
  | { state: "counted"; receipt: Receipt }
  | { state: "refused"; problem: string }
  | { state: "pending"; retryAfterMs?: number };

/** Accepts only our server's own answer, not a captive portal's page or a proxy's error. */
async function answerTo(ballot: Ballot): Promise<Outcome> {
  const { id, choices, epoch, code, key, signature, work } = ballot;
  try {
    const answer = await fetch(ballot.url, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ ballotId: id, choices, epoch, code, key, signature, work }),
      credentials: "same-origin",
      redirect: "error",
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    if (answer.status >= 500 || AGAIN.has(answer.status))
      return { state: "pending", retryAfterMs: askedMs(answer.headers.get("retry-after")) };
    const { receipt, error } = (await answer.json()) as { receipt?: Receipt; error?: string };
    if (answer.ok && receipt?.pollId === ballot.poll) return { state: "counted", receipt };
    if (!answer.ok && typeof error === "string") return { state: "refused", problem: error };
  } catch {
    // no network, or not our server's answer
  }
  return { state: "pending" };
}
