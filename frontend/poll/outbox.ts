/**
 * The ballots that this phone has cast: written down before anything is sent, sent until our server has answered. The page and
 * the service worker use the same one, and only one of them sends at a time (docs/decisions/0018).
 */
import { type DBSchema, type IDBPDatabase, openDB } from "idb";
import { newKeys, type Signed, sign, uuid } from "./signing";
import { prove } from "./work";

const NAME = "tallyline-ballots";
const TIMEOUT_MS = 10_000;
// Where there are no locks: how long one who sends is given.
const LEASE_MS = TIMEOUT_MS + 5_000;
const FIRST_WAIT_MS = 1_000;
const LONGEST_WAIT_MS = 60_000;
const LONGEST_RETRY_AFTER_S = 3_600;
// What may be otherwise the next time: not an answer to the vote.
const AGAIN = new Set([408, 425, 429]);
// An event of the service worker (Background Sync) with this tag drains the outbox.
export const SYNC_TAG = "ballots";

export interface Receipt {
  ballotId: string;
  pollId: string;
  /** ms since 1970 */
  time: number;
  seal: string;
}

/** One poll's ballot. Times in ms since 1970 by this phone's clock. */
export interface Ballot extends Partial<Signed> {
  poll: string;
  id: string;
  /** Where it is sent. */
  url: string;
  choices: number[];
  code?: string;
  /** Of the proof of work that the poll asks for. */
  bits?: number;
  work?: number;
  state: "pending" | "counted" | "refused";
  created: number;
  attempts: number;
  /** When the timer sends it next. */
  next: number;
  /** Never before that: the server asked for it. */
  notBefore: number;
  /** Somebody is sending it, at the longest until then. */
  lease: number;
  /** Of one that is counted. */
  receipt?: Receipt;
  /** Of one that is refused: the server's reason, a sentence. */
  problem?: string;
}

export type Cast = Pick<Ballot, "poll" | "url" | "choices" | "code" | "bits">;

interface Schema extends DBSchema {
  ballots: { key: string; value: Ballot };
  keys: { key: string; value: CryptoKeyPair };
}

export class Outbox {
  readonly #db: IDBPDatabase<Schema>;
  readonly #told = new BroadcastChannel(NAME);

  private constructor(db: IDBPDatabase<Schema>) {
    this.#db = db;
  }

  /** Rejects where the browser keeps nothing. */
  static async open(): Promise<Outbox> {
    return new Outbox(
      await openDB<Schema>(NAME, 1, {
        upgrade(db) {
          db.createObjectStore("ballots", { keyPath: "poll" });
          db.createObjectStore("keys");
        },
      }),
    );
  }

  close(): void {
    this.#told.close();
    this.#db.close();
  }

  /** Calls back when another tab, or the worker, has changed the ballot of this poll. */
  onNews(news: (poll: string) => void): void {
    this.#told.addEventListener("message", (message: MessageEvent<string>) => news(message.data));
  }

  of(poll: string): Promise<Ballot | undefined> {
    return this.#db.get("ballots", poll);
  }

  /** Writes a new ballot down, and resolves once it is on the disk. One that is pending already stays the only one. */
  async keep({ poll, url, choices, code, bits }: Cast): Promise<Ballot> {
    const id = uuid();
    const signed = await this.#sign(poll, id, choices);
    const fresh: Ballot = {
      ...{ poll, id, url, choices, ...(code && { code }), ...(bits && { bits }), ...signed },
      ...{ state: "pending", created: Date.now(), attempts: 0, next: 0, notBefore: 0, lease: 0 },
    };
    const kept = await this.#change(poll, (known) => (known?.state === "pending" ? known : fresh));
    return kept ?? fresh;
  }

  /** Throws the ballot away, unless it is another one by now. */
  async forget({ poll, id }: Ballot): Promise<void> {
    const transaction = this.#db.transaction("ballots", "readwrite");
    if ((await transaction.store.get(poll))?.id === id) await transaction.store.delete(poll);
    await transaction.done;
  }

  /** Sends the poll's ballot if it is pending and nobody else is sending it; what has become of it. */
  async send(poll: string): Promise<Ballot | undefined> {
    await exclusively(poll, async (locked) => {
      const ballot = await this.#claim(poll, locked);
      if (ballot) await this.#settle(ballot, await answerTo(await this.#proven(ballot)));
    });
    return this.of(poll);
  }

  /** Sends whatever is pending; whether anything still is. */
  async drain(): Promise<boolean> {
    for (const { poll, state } of await this.#db.getAll("ballots")) if (state === "pending") await this.send(poll);
    return (await this.#db.getAll("ballots")).some(({ state }) => state === "pending");
  }

  /** Counts the try before it is made: a tab that is killed meanwhile has tried. */
  async #claim(poll: string, locked: boolean): Promise<Ballot | undefined> {
    const now = Date.now();
    let claimed = false;
    const ballot = await this.#change(poll, (known) => {
      if (known?.state !== "pending" || known.notBefore > now || (!locked && known.lease > now)) return undefined;
      claimed = true;
      return { ...known, attempts: known.attempts + 1, lease: now + LEASE_MS };
    });
    return claimed ? ballot : undefined;
  }

  /** With the work that its poll asks for, done once and kept. */
  async #proven(ballot: Ballot): Promise<Ballot> {
    const { poll, id, bits } = ballot;
    if (!bits || ballot.work !== undefined) return ballot;
    const work = await prove(poll, id, bits);
    await this.#change(poll, (known) => (known?.id === id ? { ...known, work } : undefined));
    return { ...ballot, work };
  }

  async #settle({ poll, id }: Ballot, outcome: Outcome): Promise<void> {
    await this.#change(poll, (known) => {
      if (known?.id !== id || known.state !== "pending") return undefined;
      const now = Date.now();
      const free = { ...known, lease: 0 };
      if (outcome.state !== "pending") return { ...free, ...outcome };
      const asked = outcome.retryAfterMs;
      const notBefore = asked ? now + asked : 0;
      return { ...free, notBefore, next: Math.max(now, notBefore) + waitMs(asked ? 0 : known.attempts) };
    });
    this.#told.postMessage(poll);
  }

  /** Reads and writes in one transaction. `change` gives the ballot to write, or undefined to leave it as it is. */
  async #change(poll: string, change: (known: Ballot | undefined) => Ballot | undefined): Promise<Ballot | undefined> {
    const transaction = this.#db.transaction("ballots", "readwrite", { durability: "strict" });
    const known = await transaction.store.get(poll);
    const changed = change(known);
    if (changed && changed !== known) await transaction.store.put(changed);
    await transaction.done;
    return changed ?? known;
  }

  /** With this poll's key, made once; not at all where the browser cannot sign, or cannot keep keys. */
  async #sign(poll: string, id: string, choices: number[]): Promise<Partial<Signed>> {
    if (!crypto.subtle) return {};
    try {
      const fresh = (await this.#db.get("keys", poll)) ?? (await newKeys());
      const transaction = this.#db.transaction("keys", "readwrite");
      const keys = (await transaction.store.get(poll)) ?? fresh; // another tab's, if it was quicker
      await transaction.store.put(keys, poll);
      await transaction.done;
      return await sign(keys, poll, id, choices);
    } catch {
      return {};
    }
  }
}

/** Exponential, full jitter: clients that failed together do not come back together. */
export const waitMs = (attempts: number): number =>
  Math.random() * Math.min(FIRST_WAIT_MS * 2 ** attempts, LONGEST_WAIT_MS);

type Outcome =
  | { state: "counted"; receipt: Receipt }
  | { state: "refused"; problem: string }
  | { state: "pending"; retryAfterMs?: number };

/** Only our server's own answer decides: a sign-in page of a hotel's Wi-Fi, or a proxy's error, does not. */
async function answerTo(ballot: Ballot): Promise<Outcome> {
  const { id, choices, code, key, signature, work, attempts } = ballot;
  try {
    const answer = await fetch(ballot.url, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ ballotId: id, choices, code, key, signature, work, again: attempts > 1 }),
      credentials: "same-origin",
      redirect: "error",
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    if (answer.status >= 500 || AGAIN.has(answer.status)) {
      const seconds = Math.min(Number(answer.headers.get("retry-after")) || 0, LONGEST_RETRY_AFTER_S);
      return { state: "pending", retryAfterMs: Math.max(seconds, 0) * 1000 };
    }
    const said = (await answer.json()) as { receipt?: Receipt; error?: string };
    if (answer.ok && said.receipt?.pollId === ballot.poll) return { state: "counted", receipt: said.receipt };
    if (!answer.ok && typeof said.error === "string") return { state: "refused", problem: said.error };
  } catch {
    // no network, or nothing that our server says
  }
  return { state: "pending" };
}

/** Does it unless another tab or the worker is at it; `locked` tells `work` whether the browser can tell. */
async function exclusively(poll: string, work: (locked: boolean) => Promise<void>): Promise<void> {
  if (!navigator.locks) return work(false);
  await navigator.locks.request(`${NAME}.${poll}`, { ifAvailable: true }, async (lock) => {
    if (lock) await work(true);
  });
}
