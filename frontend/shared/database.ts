/**
 * A database of this browser (IndexedDB) that may be missing, hang or fail: then the page's memory takes its place. One that failed
 * once is not used again by this page (decision 0024).
 */
import { type DBSchema, type IDBPDatabase, type OpenDBCallbacks, openDB } from "idb";

// How long the storage may take, in parts: after a freeze of the page only one part has passed, however long it lasted.
const PART_MS = 500;
const PARTS = 4;

export class Hangs extends Error {}

export class Database<S extends DBSchema> {
  #db: IDBPDatabase<S> | undefined;

  private constructor(db?: IDBPDatabase<S>) {
    this.#db = db;
  }

  /** The database, made by `upgrade` when it is new; memory when it does not open within two seconds. Never rejects. */
  static async open<S extends DBSchema>(
    name: string,
    upgrade: NonNullable<OpenDBCallbacks<S>["upgrade"]>,
  ): Promise<Database<S>> {
    try {
      const opening = openDB<S>(name, 1, {
        upgrade,
        // Makes way for a newer version of this program.
        blocking: (_old, _new, { target }) => (target as IDBDatabase).close(),
      });
      return new Database(await within(opening, () => void opening.then((late) => late.close()).catch(() => {})));
    } catch {
      return new Database();
    }
  }

  /** The open database; undefined when data is kept in memory. */
  get stored(): IDBPDatabase<S> | undefined {
    return this.#db;
  }

  close(): void {
    this.#db?.close();
  }

  /** It failed: this page does not use it any more. */
  giveUp(): void {
    this.#db = undefined;
  }

  /** What `kept` gets out of the database, or `remembered` out of the page's memory when there is none or it fails. */
  async ask<T>(kept: (db: IDBPDatabase<S>) => Promise<T>, remembered: () => T): Promise<T> {
    if (this.#db) {
      try {
        return await kept(this.#db);
      } catch {
        this.giveUp();
      }
    }
    return remembered();
  }
}

/** The result of `work`; after two seconds in which the page ran, rejects with Hangs and calls `late`. */
export function within<T>(work: Promise<T>, late?: () => void): Promise<T> {
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
export function abort(transaction: { abort(): void; done: Promise<void> }): void {
  transaction.done.catch(() => {});
  try {
    transaction.abort();
  } catch {
    // It has ended.
  }
}
