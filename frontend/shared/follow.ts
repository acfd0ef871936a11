/**
 * Follows a version number: by WebSocket, else by Server-Sent Events, when this page holds the browser's slot for them (stream.ts),
 * else by polling. A slower way retries the faster ones now and then, and at once when the network returns.
 *
 * The server repeats the version every few seconds, so silence means a dead connection.
 */
import { instant } from "./clock";
import { Poll, type PollOptions } from "./polling";
import { StreamSlot } from "./stream";

const SILENT_MS = 10_000;
const FIRST_MESSAGE_MS = 5_000;
const AGAIN_MS = 30_000;
const LATER_MS = 1_000;

export type Way = "socket" | "events" | "poll";

export interface FollowOptions {
  /** A URL of this site that answers `{"version": n}` as an event stream and as a WebSocket. */
  url: string;
  /** Polling, the last resort; its `onNews`, `onSeen` and `onTrouble` serve all ways. */
  poll: PollOptions;
  /** Called with each version received, repeated ones too. */
  onVersion: (version: number) => void;
  /** Called with the way in use. */
  onWay?: (way: Way) => void;
}

interface Connection {
  close(): void;
}

export class Follow {
  readonly #given: FollowOptions;
  #connection: Connection | undefined;
  #poll: Poll | undefined;
  #silence: ReturnType<typeof setTimeout> | undefined;
  #again: ReturnType<typeof setTimeout> | undefined;
  #heard = false;
  #way: "socket" | "events" = "socket";
  #slot: StreamSlot | undefined;

  constructor(given: FollowOptions) {
    this.#given = given;
    addEventListener("online", () => this.#try("socket"));
    addEventListener("offline", () => {
      given.poll.onTrouble?.();
      this.#drop();
      if (!this.#poll) this.#fallBack();
    });
    addEventListener("pageshow", (event) => event.persisted && this.#try("socket"));
    document.addEventListener("visibilitychange", () => {
      if (document.hidden) this.#noEvents();
      else if (!this.#connection) this.#try("socket");
    });
    this.#try("socket");
  }

  #try(way: "socket" | "events"): void {
    this.#drop();
    clearTimeout(this.#again);
    this.#way = way;
    if (way === "events" && !this.#mayStream()) {
      this.#fallBack();
      return;
    }
    const broken = () => {
      const { onTrouble } = this.#given.poll;
      const heard = this.#heard;
      this.#drop();
      if (heard) {
        onTrouble?.();
        this.#again = setTimeout(() => this.#try("socket"), LATER_MS);
      } else if (way === "socket") this.#try("events");
      else this.#fallBack();
    };
    this.#heard = false;
    this.#silence = setTimeout(broken, FIRST_MESSAGE_MS);
    const take = (text: string) => {
      this.#heard = true;
      if (way === "socket") this.#leaveSlot();
      clearTimeout(this.#silence);
      this.#silence = setTimeout(broken, SILENT_MS);
      this.#poll?.stop();
      this.#poll = undefined;
      this.#given.onWay?.(way);
      this.#given.poll.onSeen?.(instant());
      this.#given.onVersion((JSON.parse(text) as { version: number }).version);
    };
    try {
      this.#connection =
        way === "socket" ? socket(this.#given.url, take, broken) : events(this.#given.url, take, broken);
    } catch {
      broken();
    }
  }

  /** Whether this page may open an event stream. Otherwise waits for the slot, then retries. */
  #mayStream(): boolean {
    if (document.hidden) return false;
    if (!navigator.locks) return true;
    this.#slot ??= new StreamSlot(
      () => !this.#connection && this.#try("events"),
      () => this.#noEvents(),
    );
    return this.#slot.mine;
  }

  #leaveSlot(): void {
    this.#slot?.end();
    this.#slot = undefined;
  }

  /** The page is hidden, or lost its slot for a stream. */
  #noEvents(): void {
    if (this.#way !== "events" || !this.#connection) return;
    this.#drop();
    this.#fallBack();
  }

  #drop(): void {
    clearTimeout(this.#silence);
    this.#connection?.close();
    this.#connection = undefined;
  }

  /** Polls, and retries the faster ways later. */
  #fallBack(): void {
    clearTimeout(this.#again);
    this.#again = setTimeout(() => this.#try("socket"), AGAIN_MS);
    if (this.#poll) return;
    this.#given.onWay?.("poll");
    this.#poll = new Poll(this.#given.poll);
    this.#poll.now();
  }
}

function socket(url: string, take: (text: string) => void, broken: () => void): Connection {
  const connection = new WebSocket(new URL(url, location.href).href.replace(/^http/, "ws"));
  connection.onmessage = ({ data }) => take(String(data));
  connection.onclose = broken;
  return {
    close: () => {
      connection.onmessage = connection.onclose = null;
      connection.close();
    },
  };
}

function events(url: string, take: (text: string) => void, broken: () => void): Connection {
  const source = new EventSource(url);
  source.onmessage = ({ data }) => take(String(data));
  // The browser would reconnect by itself; here the next way is tried first.
  source.onerror = broken;
  return {
    close: () => {
      source.onmessage = source.onerror = null;
      source.close();
    },
  };
}
