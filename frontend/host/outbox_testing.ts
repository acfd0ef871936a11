/** Tabs of a tablet for tests of the outbox: the browser's storage, and a server that answers as a test says. */
import { IDBFactory } from "fake-indexeddb";
import "fake-indexeddb/auto";
import { afterEach, beforeEach, expect, vi } from "vitest";
import { type HostAction, Outbox, type Outcome, type Pressed } from "./outbox";

export const LINE = "ABC234";
export const [ANN, BOB] = ["5b7d4b5e-9d58-4a2f-8a2e-0d8d3c1c6a01", "5b7d4b5e-9d58-4a2f-8a2e-0d8d3c1c6a02"];

export interface Sent {
  id: string;
  action: string;
  party?: string;
  after?: string;
  pressedAt: number;
}

/** The server: what it was sent, what it answers, and the proof that tabs show. */
export const server: {
  batches: Sent[][];
  answer: (actions: Sent[]) => Response | Promise<Response>;
  proof: string;
} = { batches: [], answer: () => Response.error(), proof: "" };
let opened: Outbox[] = [];

/** A tab; what is kept is the browser's. */
export async function tab(line = LINE): Promise<Outbox> {
  const outbox = await Outbox.open({ line, proof: () => ({ "x-host-auth": server.proof }) });
  opened.push(outbox);
  return outbox;
}

export const press = (action: string, party?: string, more: Partial<Pressed> = {}): Pressed => ({
  ...{ action, party, saw: "waiting", version: 7, pressedAt: 1_000.4, what: `${action} ${party}`, ...more },
});
export const json = (status: number, body: unknown, headers: Record<string, string> = {}) =>
  new Response(JSON.stringify(body), { status, headers });
export const outcome = (id: string, more: Partial<Outcome> = {}): Outcome => ({
  ...{ id, outcome: "done", already: false, version: 8, partyId: null, text: "", code: "", ...more },
});
export const done = (actions: Sent[]) => json(200, { outcomes: actions.map(({ id }) => outcome(id)) });
export const noNetwork = () => {
  throw new TypeError("no network");
};
export const names = (actions: Sent[] | HostAction[]) => actions.map(({ action }) => action);

/** An answer that is held until it is released. */
export function heldAnswer(): () => void {
  let release = () => {};
  const held = new Promise<void>((resolve) => {
    release = resolve;
  });
  server.answer = async (actions) => {
    await held;
    return done(actions);
  };
  return () => release();
}

/** Before and after each test of a file. */
export function eachTest(): void {
  beforeEach(() => {
    vi.stubGlobal("indexedDB", new IDBFactory());
    vi.stubGlobal("navigator", {});
    Object.assign(server, { batches: [], proof: "token", answer: done });
    vi.stubGlobal("fetch", async (path: string, { body }: { body: string }) => {
      expect(path).toMatch(/^\/api\/queue\/\w{6}\/actions$/);
      const { actions } = JSON.parse(body) as { actions: Sent[] };
      server.batches.push(actions);
      return server.answer(actions);
    });
  });
  afterEach(() => {
    for (const outbox of opened) outbox.close();
    opened = [];
    vi.useRealTimers();
    vi.restoreAllMocks();
    vi.unstubAllGlobals();
  });
}
