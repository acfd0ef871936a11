/**
 * Storage of ballots and keys: IndexedDB or, when that is missing, hangs or fails, the page's memory. A storage that failed once is
 * not used again by this page (decision 0024).
 */
import type { DBSchema } from "idb";
import { abort, Database, Hangs, within } from "../shared/database";
import type { Ballot } from "./outbox";

export const NAME = "tallyline-ballots";
interface Schema extends DBSchema {
  ballots: { key: string; value: Ballot };
  keys: { key: string; value: CryptoKeyPair };
}

type Change = (known: Ballot | undefined) => Ballot | undefined;

export class Storage {
  readonly #database: Database<Schema>;
  /** The ballots as this page last saw them. */
  readonly #seen = new Map<string, Ballot>();

  private constructor(database: Database<Schema>) {
    this.#database = database;
  }

  /** The browser's storage, or memory when it does not open within two seconds. Never rejects. */
  static async open(): Promise<Storage> {
    return new Storage(
      await Database.open<Schema>(NAME, (db) => {
        db.createObjectStore("ballots", { keyPath: "poll" });
        db.createObjectStore("keys");
      }),
    );
  }

  /** Whether written data outlives the page. */
  get lasting(): boolean {
    return this.#database.stored !== undefined;
  }

  close(): void {
    this.#database.close();
  }

  async ballot(poll: string): Promise<Ballot | undefined> {
    return this.#database.ask(
      async (db) => this.#note(poll, await within(db.get("ballots", poll))),
      () => this.#seen.get(poll),
    );
  }

  async ballots(): Promise<Ballot[]> {
    return this.#database.ask(
      (db) => within(db.getAll("ballots")),
      () => [...this.#seen.values()],
    );
  }

  /** Reads and writes in one transaction. `change` returns the ballot to write, or undefined to change nothing. */
  async change(poll: string, change: Change): Promise<Ballot | undefined> {
    return this.#database.ask(
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
    await this.#database.ask(
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
    const db = this.#database.stored;
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
      if (problem instanceof Hangs) this.#database.giveUp();
      throw problem;
    }
  }

  #note(poll: string, ballot: Ballot | undefined): Ballot | undefined {
    if (ballot) this.#seen.set(poll, ballot);
    else this.#seen.delete(poll);
    return ballot;
  }
}
