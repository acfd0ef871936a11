/** Storage of what hosts press: IndexedDB or, when that is missing, hangs or fails, the page's memory (shared/database.ts). */
import type { DBSchema } from "idb";
import { abort, Database, within } from "../shared/database";
import type { HostAction } from "./actions";

export const NAME = "tallyline-host-actions";

interface Schema extends DBSchema {
  actions: { key: number; value: HostAction; indexes: { line: string } };
}

/** What a change does to a line's actions: writes some (new ones have no `n` yet) and deletes some, by their `n`. */
export interface Change {
  put?: HostAction[];
  remove?: number[];
}

export class KeptActions {
  readonly #database: Database<Schema>;
  readonly #line: string;
  /** The actions as this page last saw them, in order. */
  #seen: HostAction[] = [];

  private constructor(database: Database<Schema>, line: string) {
    this.#database = database;
    this.#line = line;
  }

  /** Never rejects. */
  static async open(line: string): Promise<KeptActions> {
    const database = await Database.open<Schema>(NAME, (db) => {
      db.createObjectStore("actions", { keyPath: "n", autoIncrement: true }).createIndex("line", "line");
    });
    return new KeptActions(database, line);
  }

  /** Whether written data outlives the page. */
  get lasting(): boolean {
    return this.#database.stored !== undefined;
  }

  close(): void {
    this.#database.close();
  }

  /** The line's actions in the order in which they were pressed, by any tab. */
  all(): Promise<HostAction[]> {
    return this.change(() => ({}));
  }

  /** Reads and writes in one transaction, on the disk when it resolves; to the line's actions after it, in order. */
  async change(change: (actions: HostAction[]) => Change): Promise<HostAction[]> {
    this.#seen = await this.#database.ask(
      async (db) => {
        const transaction = db.transaction("actions", "readwrite", { durability: "strict" });
        const written = async () => {
          const { store } = transaction;
          const { put = [], remove = [] } = change(await store.index("line").getAll(this.#line));
          for (const action of put) await store.put(action);
          for (const n of remove) await store.delete(n);
          const after = await store.index("line").getAll(this.#line);
          await transaction.done;
          return after;
        };
        return within(written(), () => abort(transaction));
      },
      () => this.#remembered(change(this.#seen)),
    );
    return this.#seen;
  }

  #remembered({ put = [], remove = [] }: Change): HostAction[] {
    const after = new Map(this.#seen.map((action) => [action.n ?? 0, action]));
    for (const action of put) {
      const n = action.n ?? Math.max(0, ...after.keys()) + 1;
      after.set(n, { ...action, n });
    }
    for (const n of remove) after.delete(n);
    return [...after.values()];
  }
}
