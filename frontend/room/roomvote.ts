/**
 * Voting in a live room, over the socket of contract vote-websocket.md. The server counts a vote while its socket is open: so the
 * page sends it again on each connection, and never shows it as counted without one.
 */
import { started } from "../shared/begin";

import { all, one, write } from "../shared/dom";
import { localTimes } from "../shared/times";
import { board, close, follow, isOpen, page, ticksOf } from "./page";
import type { Tick } from "./ticks";

const FIRST_WAIT_MS = 1_000;
const LONGEST_WAIT_MS = 30_000;
const TIMEOUT_MS = 10_000;
const SILENT_MS = 8_000; // a tick comes each second
const SILENT_ON_WAKING_MS = 3_000;
const CLOSED = 1000;
const REFUSED = 4401;

type State = "connecting" | "on" | "off" | "refused";

/** What this browser stores of the room: its participant, its answer, and the time it last sent it with (s). */
interface Kept {
  user_id?: string;
  token?: string;
  value?: string | null;
  saidAt?: number;
}

/** This browser's participant and vote. */
class Voter {
  readonly #line = one("[data-line]", page);
  readonly #buttons = all("[data-say]", page);
  readonly #again = one("[data-now]", page);
  readonly #storage = `tallyline.room.${page.dataset.room}`;
  #kept: Kept = this.#stored();
  #state: State = "connecting";
  #socket: WebSocket | null = null;
  #joining = false;
  #heardAt = 0;
  #refusals = 0;
  #failures = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor() {
    one("[data-vote]", page).hidden = false;
    for (const button of this.#buttons) {
      const say = button.dataset.say ?? null;
      button.addEventListener("click", () => this.#vote(this.#kept.value === say ? null : say));
    }
    this.#again.addEventListener("click", () => this.#wake());
    addEventListener("online", () => this.#wake());
    addEventListener("offline", () => this.#lost());
    addEventListener("pageshow", (event) => event.persisted && this.#wake());
    document.addEventListener("visibilitychange", () => document.hidden || this.#wake());
    // Another tab of this browser is the same participant.
    addEventListener("storage", ({ key }) => {
      if (key !== this.#storage) return;
      this.#kept = this.#stored();
      this.#show();
    });
    // The vote shows a lost connection; the page shows the age of the graph.
    board.keepAge();
    setInterval(() => this.#isSilent(SILENT_MS) && this.#lost(), 1000);
    this.#show();
    void this.#connect();
  }

  // ------------------------------------------------------------------------------------------------------------ the vote
  #vote(value: string | null): void {
    this.#keep({ ...this.#kept, value });
    this.#send();
    this.#show();
  }

  /**
   * Sends the vote with the present time, which never falls: not when this device's clock is set back, over a reload, or between
   * tabs. Among votes with equal times the server counts the one that it received last.
   */
  #send(): void {
    if (this.#state !== "on") return;
    const saidAt = Math.max(Date.now() / 1000, this.#kept.saidAt ?? 0);
    this.#keep({ ...this.#kept, saidAt });
    this.#socket?.send(JSON.stringify({ vote: { value: this.#kept.value ?? "cancel", ts: saidAt } }));
  }

  #show(state: State = this.#state): void {
    this.#state = state;
    page.dataset.state = state;
    for (const button of this.#buttons) {
      button.setAttribute("aria-pressed", String(button.dataset.say === this.#kept.value));
    }
    write(this.#line, this.#line.dataset[state === "on" ? (this.#kept.value ?? "none") : state] ?? "");
    this.#again.hidden = state !== "off";
  }

  #stored(): Kept {
    try {
      return (JSON.parse(localStorage.getItem(this.#storage) ?? "null") as Kept | null) ?? {};
    } catch {
      return {};
    }
  }

  #keep(kept: Kept): void {
    this.#kept = kept;
    try {
      localStorage.setItem(this.#storage, JSON.stringify(kept));
    } catch {
      // Storage is full or forbidden: this tab remembers as long as it is open.
    }
  }

  // ------------------------------------------------------------------------------------------------------ the connection
  async #connect(): Promise<void> {
    clearTimeout(this.#timer);
    if (this.#socket || this.#joining || !isOpen()) return;
    this.#joining = true;
    try {
      await Promise.all([this.#kept.token || this.#join(), board.last || this.#lookBack()]);
    } catch {
      this.#lost();
      return;
    } finally {
      this.#joining = false;
    }
    if (!isOpen()) return;
    const { user_id, token } = this.#kept;
    const first = { auth: { user_id, token, room: page.dataset.room, since: board.last } };
    const socket = new WebSocket(location.origin.replace("http", "ws") + page.dataset.socket);
    this.#socket = socket;
    this.#heardAt = performance.now();
    socket.addEventListener("open", () => socket.send(JSON.stringify(first)));
    socket.addEventListener("message", ({ data }) => {
      if (socket === this.#socket) this.#hear(JSON.parse(data as string) as { data?: Tick[] });
    });
    socket.addEventListener("close", ({ code }) => {
      if (socket === this.#socket) this.#ended(code);
    });
  }

  /** Becomes a participant; this browser stores the token. */
  async #join(): Promise<void> {
    const headers = { "content-type": "application/json" };
    const signal = AbortSignal.timeout(TIMEOUT_MS);
    const answer = await fetch(`${board.api}/participants`, {
      method: "POST",
      body: "{}",
      credentials: "omit",
      headers,
      signal,
    });
    if (answer.status === 404) location.reload(); // deleted
    if (answer.status === 409) return this.#over();
    if (!answer.ok) throw new Error(`status ${answer.status}`);
    const { user_id, token } = (await answer.json()) as { user_id: string; token: string };
    this.#keep({ ...this.#kept, user_id, token });
  }

  /** Fetches the graph so far, so that the socket sends only the rest. */
  async #lookBack(): Promise<void> {
    try {
      board.add(
        await ticksOf(await fetch(board.history, { credentials: "omit", signal: AbortSignal.timeout(TIMEOUT_MS) })),
      );
    } catch {
      // The socket sends all of it.
    }
  }

  #hear({ data }: { data?: Tick[] }): void {
    this.#heardAt = performance.now();
    if (!data) return; // an error message
    if (this.#state !== "on") {
      this.#failures = this.#refusals = 0;
      this.#show("on");
      if (this.#kept.value) this.#send();
    }
    board.add(data);
  }

  #ended(code: number): void {
    this.#socket = null;
    if (code === CLOSED) this.#over();
    else if (code !== REFUSED) this.#lost();
    else if (this.#refusals++) this.#show("refused");
    else {
      this.#keep({ value: this.#kept.value ?? null });
      void this.#connect();
    }
  }

  /** The connection is lost: shows it, and reconnects. */
  #lost(): void {
    const socket = this.#socket;
    this.#socket = null;
    socket?.close();
    if (!isOpen()) return;
    this.#show("off");
    const wait = Math.min(FIRST_WAIT_MS * 2 ** this.#failures++, LONGEST_WAIT_MS);
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#connect(), wait * (0.5 + Math.random()));
  }

  /** Reconnects at once, e.g. when the network is back or the page visible again. */
  #wake(): void {
    if (this.#isSilent(SILENT_ON_WAKING_MS)) this.#lost();
    this.#failures = 0;
    void this.#connect();
  }

  #isSilent(ms: number): boolean {
    return this.#socket !== null && performance.now() - this.#heardAt > ms;
  }

  /** The room is closed. A page that was never connected still fetches the graph. */
  #over(): void {
    close();
    one("[data-vote]", page).hidden = true;
    if (!board.last) follow();
  }
}

if (page.querySelector("[data-vote]")) new Voter();
else follow();
localTimes();
started();
