/**
 * Voting in a live room, over the socket of contract vote-websocket.md. The server counts a vote while its socket is open and
 * withdraws it with the socket: so it is stated anew on each connection, and the page never says that it counts without one.
 */
import { board, close, follow, page } from "./room.js";

const FIRST_WAIT_MS = 1_000;
const LONGEST_WAIT_MS = 30_000;
const TIMEOUT_MS = 10_000;
const SILENT_MS = 8_000; // a tick comes each second
const SILENT_ON_WAKING_MS = 3_000;
const CLOSED = 1000;
const REFUSED = 4401;

/** Who this browser is in the room, and what it says. */
class Voter {
  #line = page.querySelector("[data-line]");
  #buttons = [...page.querySelectorAll("[data-say]")];
  #storage = `tallyline.room.${page.dataset.room}`;
  #kept = this.#stored(); // {user_id, token, value}
  #state = "connecting";
  #socket = null;
  #joining = false;
  #heardAt = 0;
  #saidAt = 0;
  #refusals = 0;
  #failures = 0;
  #timer = 0;

  constructor() {
    page.querySelector("[data-vote]").hidden = false;
    for (const button of this.#buttons) {
      button.addEventListener("click", () => this.#vote(this.#kept.value === button.dataset.say ? null : button.dataset.say));
    }
    page.querySelector("[data-now]").addEventListener("click", () => this.#wake());
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
    setInterval(() => this.#tick(), 1000);
    this.#show();
    this.#connect();
  }

  // ------------------------------------------------------------------------------------------------------------ the vote
  #vote(value) {
    this.#keep({ ...this.#kept, value });
    this.#send();
    this.#show();
  }

  /** The vote's time is when it is stated; it only grows, whatever this device's clock does. */
  #send() {
    if (this.#state !== "on") return;
    this.#saidAt = Math.max(Date.now() / 1000, this.#saidAt + 0.001);
    this.#socket.send(JSON.stringify({ vote: { value: this.#kept.value ?? "cancel", ts: this.#saidAt } }));
  }

  #show(state = this.#state) {
    this.#state = state;
    page.dataset.state = state;
    for (const button of this.#buttons) button.setAttribute("aria-pressed", button.dataset.say === this.#kept.value);
    const words = this.#line.dataset[state === "on" ? (this.#kept.value ?? "none") : state];
    if (this.#line.textContent !== words) this.#line.textContent = words;
    page.querySelector("[data-now]").hidden = state !== "off";
  }

  #stored() {
    try {
      return JSON.parse(localStorage.getItem(this.#storage)) ?? {};
    } catch {
      return {};
    }
  }

  #keep(kept) {
    this.#kept = kept;
    try {
      localStorage.setItem(this.#storage, JSON.stringify(kept));
    } catch {
      // Storage is full or forbidden: this tab remembers as long as it is open.
    }
  }

  // ------------------------------------------------------------------------------------------------------ the connection
  async #connect() {
    clearTimeout(this.#timer);
    if (this.#socket || this.#joining || page.dataset.status === "closed") return;
    this.#joining = true;
    try {
      if (!this.#kept.token) await this.#join();
    } catch {
      this.#lost();
      return;
    } finally {
      this.#joining = false;
    }
    if (page.dataset.status === "closed") return;
    const { user_id, token } = this.#kept;
    const socket = new WebSocket(location.origin.replace("http", "ws") + page.dataset.socket);
    this.#socket = socket;
    this.#heardAt = Date.now();
    socket.addEventListener("open", () => socket.send(JSON.stringify({ auth: { user_id, token, room: page.dataset.room } })));
    socket.addEventListener("message", ({ data }) => socket === this.#socket && this.#hear(JSON.parse(data)));
    socket.addEventListener("close", ({ code }) => socket === this.#socket && this.#ended(code));
  }

  /** Becomes a participant; the room keeps who, this browser keeps the token. */
  async #join() {
    const abort = new AbortController();
    const timeout = setTimeout(() => abort.abort(), TIMEOUT_MS);
    const headers = { "content-type": "application/json" };
    const request = { method: "POST", body: "{}", credentials: "omit", headers, signal: abort.signal };
    try {
      const answer = await fetch(`${board.api}/participants`, request);
      if (answer.status === 404) location.reload(); // deleted
      if (answer.status === 409) return this.#over();
      if (!answer.ok) throw new Error(`status ${answer.status}`);
      const { user_id, token } = await answer.json();
      this.#keep({ ...this.#kept, user_id, token });
    } finally {
      clearTimeout(timeout);
    }
  }

  #hear({ data }) {
    this.#heardAt = Date.now();
    if (!data) return; // a vote it could not read
    if (this.#state !== "on") {
      this.#failures = this.#refusals = 0;
      this.#show("on");
      if (this.#kept.value) this.#send();
    }
    board.add(data);
  }

  #ended(code) {
    this.#socket = null;
    if (code === CLOSED) this.#over();
    else if (code !== REFUSED) this.#lost();
    else if (this.#refusals++) this.#show("refused");
    else {
      this.#keep({ value: this.#kept.value });
      this.#connect();
    }
  }

  /** There is no connection: says so, and tries again. */
  #lost() {
    const socket = this.#socket;
    this.#socket = null;
    socket?.close();
    if (page.dataset.status === "closed") return;
    this.#show("off");
    const wait = Math.min(FIRST_WAIT_MS * 2 ** this.#failures++, LONGEST_WAIT_MS);
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#connect(), wait * (0.5 + Math.random()));
  }

  /** Tries at once, for something has changed. */
  #wake() {
    if (this.#isSilent(SILENT_ON_WAKING_MS)) this.#lost();
    this.#failures = 0;
    this.#connect();
  }

  #tick() {
    if (this.#isSilent(SILENT_MS)) this.#lost();
    // That there is no connection is said above: here only how old the graph is.
    board.age(false, page.dataset.status === "open");
  }

  #isSilent(ms) {
    return this.#socket !== null && Date.now() - this.#heardAt > ms;
  }

  /** The room is closed. A page that never was connected has yet to see the graph. */
  #over() {
    close();
    page.querySelector("[data-vote]").hidden = true;
    if (!board.last) follow();
  }
}

if (page.querySelector("[data-vote]")) new Voter();
