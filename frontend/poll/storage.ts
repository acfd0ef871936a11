/**
 * Storage of ballots and keys: IndexedDB or, when that is missing, hangs or fails, the page's memory. A storage that failed once is
 * not used again by this page (decision 0024).
 */
import { type DBSchema, type IDBPDatabase, openDB } from "idb";
import type { Ballot } from "./outbox";

export const NAME = "tallyline-ballots";
// How long the storage may take, in parts: after a freeze of the page only one part has passed, however long it lasted.
const PART_MS = 500;
const PARTS = 4;

interface Schema extends DBSchema {
  ballots: { key: string; value: Ballot };
  keys: { key: string; value: CryptoKeyPair };
}

type Change = (known: Ballot | undefined) => Ballot | undefined;

class Hangs extends Error {}

export class Storage {
  #db: IDBPDatabase<Schema> | undefined;
  /** The ballots as this page last saw them. */
  readonly #seen = new Map<string, Ballot>();

  private constructor(db?: IDBPDatabase<Schema>) {
    this.#db = db;
  }

  /** The browser's storage, or memory when it does not open within two seconds. Never rejects. */
  static async open(): Promise<Storage> {
    try {
      const opening = openDB<Schema>(NAME, 1, {
        upgrade(db) {
          db.createObjectStore("ballots", { keyPath: "poll" });
          db.createObjectStore("keys");
        },
        // Makes way for a newer version of this program.
        blocking: (_old, _new, { target }) => (target as IDBDatabase).close(),
      });
      return new Storage(await within(opening, () => void opening.then((late) => late.close()).catch(() => {})));
    } catch {
      return new Storage();
    }
  }

  /** Whether written data outlives the page. */
  get lasting(): boolean {
    return this.#db !== undefined;
  }

  close(): void {
    this.#db?.close();
  }

  async ballot(poll: string): Promise<Ballot | undefined> {
    return this.#ask(
      async (db) => this.#note(poll, await within(db.get("ballots", poll))),
      () => this.#seen.get(poll),
    );
  }

  async ballots(): Promise<Ballot[]> {
    return this.#ask(
      (db) => within(db.getAll("ballots")),
      () => [...this.#seen.values()],
    );
  }

  /** Reads and writes in one transaction. `change` returns the ballot to write, or undefined to change nothing. */
  async change(poll: string, change: Change): Promise<Ballot | undefined> {
    return this.#ask(
      async (db) => {
        const transaction = db.transaction("ballots", "readwrite", { durability: "strict" });
        const written = async () => {
          const known = await transaction.store.get(poll);
          const changed = change(known);
          if (changed && changed !== known) await transaction.store.put(changed);
          await transaction.done;
          return changed ?? known;
        };
        return this.#note(poll, await within(written(), () => abort(transaction)));
      },
      () => {
        const known = this.#seen.get(poll);
        return this.#note(poll, change(known) ?? known);
      },
    );
  }

  /** Deletes the poll's ballot, if it is this one. */
  async forget({ poll, id }: Ballot): Promise<void> {
    await this.#ask(
      async (db) => {
        const transaction = db.transaction("ballots", "readwrite");
        const done = async () => {
          if ((await transaction.store.get(poll))?.id === id) await transaction.store.delete(poll);
          await transaction.done;
        };
        await within(done(), () => abort(transaction));
      },
      () => {},
    );
    if (this.#seen.get(poll)?.id === id) this.#seen.delete(poll);
  }

  /** The poll's stored key pair, else a new one, which is stored. Rejects when keys cannot be stored. */
  async keys(poll: string, make: () => Promise<CryptoKeyPair>): Promise<CryptoKeyPair> {
    const db = this.#db;
    if (!db) throw new Error("no storage");
    try {
      const fresh = (await within(db.get("keys", poll))) ?? (await make());
      const transaction = db.transaction("keys", "readwrite");
      const kept = async () => {
        const keys = (await transaction.store.get(poll)) ?? fresh; // another tab's, if it was quicker
        await transaction.store.put(keys, poll);
        await transaction.done;
        return keys;
      };
      return await within(kept(), () => abort(transaction));
    } catch (problem) {
      // Some browsers store ballots, but no keys.
      if (problem instanceof Hangs) this.#db = undefined;
      throw problem;
    }
  }

  #note(poll: string, ballot: Ballot | undefined): Ballot | undefined {
    if (ballot) this.#seen.set(poll, ballot);
    else this.#seen.delete(poll);
    return ballot;
  }

  async #ask<T>(kept: (db: IDBPDatabase<Schema>) => Promise<T>, remembered: () => T): Promise<T> {
    if (this.#db) {
      try {
        return await kept(this.#db);
      } catch {
        this.#db = undefined;
      }
    }
    return remembered();
  }
}

/** The result of `work`; after two seconds in which the page ran, rejects with Hangs and calls `late`. */
function within<T>(work: Promise<T>, late?: () => void): Promise<T> {
  return new Promise((resolve, reject) => {
    let parts = PARTS;
    let timer = setTimeout(function part() {
      parts -= 1;
      if (parts > 0) timer = setTimeout(part, PART_MS);
      else {
        reject(new Hangs());
        late?.();
      }
    }, PART_MS);
    void work.then(resolve, reject).finally(() => clearTimeout(timer));
  });
}

/** Aborts a change that timed out, so that it does not happen later. */
function abort(transaction: { abort(): void; done: Promise<void> }): void {
  transaction.done.catch(() => {});
  try {
    transaction.abort();
  } catch {
    // It has ended.
  }
}
