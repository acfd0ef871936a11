/**
 * What the hosts of a line press on this tablet: stored before it is sent, and sent in order until our server has answered, once
 * (decision 0076). What could not be sent stays pending and is shown as *not sent*; what was refused stays until a host has read why.
 */
import { left } from "../shared/backoff";
import { channel, exclusively } from "../shared/one_sender";
import {
  type Answer,
  type HostAction,
  newAction,
  type Outcome,
  type Pressed,
  post,
  postponed,
  TIMEOUT_MS,
  unreadable,
  type Where,
} from "./actions";
import { type Change, KeptActions, NAME } from "./kept_actions";

export type { HostAction, Outcome, Pressed } from "./actions";

// Without Web Locks: how long a sender's lease lasts (ms).
const LEASE_MS = TIMEOUT_MS + 5_000;
const LONGEST_WAIT_MS = 2 * 3_600_000;
// As many as the server takes at once (queues/action_bodies.py).
const MOST = 16;
const [SOON_MS, LOOK_MS] = [250, 50];
// How long after a try that failed a press makes no other; and how long a press waits for the tab that sends it.
const JUST_FAILED_MS = 2_000;
const OTHER_TAB_MS = 3_000;

export class Outbox {
  readonly #where: Where;
  readonly #kept: KeptActions;
  readonly #channel = channel(NAME);
  /** The newest action on each party, with the version that it made. */
  readonly #last = new Map<string, { id: string; version?: number }>();
  #actions: HostAction[] = [];
  #ended = "";
  readonly #changed = new Set<() => void>();
  readonly #told = new Set<(action: HostAction, outcome: Outcome) => void>();
  #timer: ReturnType<typeof setTimeout> | undefined;
  #closed = false;
  // What hosts press on this page goes one after the other.
  #turn: Promise<unknown> = Promise.resolve();
  #failedAt = -Infinity;

  private constructor(where: Where, kept: KeptActions) {
    this.#where = where;
    this.#kept = kept;
  }

  /** The line's outbox on this tablet, with what an earlier page has left in it. Never rejects. */
  static async open(where: Where): Promise<Outbox> {
    const outbox = new Outbox(where, await KeptActions.open(where.line));
    outbox.#channel?.addEventListener("message", ({ data }: MessageEvent<string>) => {
      if (data === where.line) void outbox.#reload();
    });
    await outbox.#reload();
    return outbox;
  }

  close(): void {
    this.#closed = true;
    clearTimeout(this.#timer);
    this.#channel?.close();
    this.#kept.close();
  }

  /** Not sent yet, in order. */
  get pending(): HostAction[] {
    return this.#actions.filter(({ state }) => state === "pending");
  }

  /** Refused, not dismissed. */
  get refused(): HostAction[] {
    return this.#actions.filter(({ state }) => state === "refused");
  }

  /** Whether actions outlive the page. */
  get lasting(): boolean {
    return this.#kept.lasting;
  }

  /** Why the server does not know this tablet as a host any more, or "". What is pending is kept. */
  get ended(): string {
    return this.#ended;
  }

  /** Calls back when `pending`, `refused` or `ended` may have changed, by any tab. */
  onChange(changed: () => void): void {
    this.#changed.add(changed);
  }

  /** Calls back with each outcome that this tab was told. */
  onOutcome(told: (action: HostAction, outcome: Outcome) => void): void {
    this.#told.add(told);
  }

  /** Resolves once none of these is pending, or after `patienceMs`: another tab may be sending them. */
  async settled(ids: string[], patienceMs: number): Promise<void> {
    const until = performance.now() + patienceMs;
    while (this.pending.some(({ id }) => ids.includes(id)) && performance.now() < until)
      await new Promise((next) => setTimeout(next, LOOK_MS));
  }

  /** Stores the action, and resolves once it is on the disk. It is sent by `flush`. */
  async add(pressed: Pressed): Promise<HostAction> {
    const action = newAction(pressed, this.#where.line, this.#before(pressed));
    if (action.party) this.#last.set(action.party, { id: action.id });
    await this.#change(() => ({ put: [action] }));
    return action;
  }

  /**
   * Stores the action, then lets `post` send it by its form, unless others wait before it: then all are sent by `flush`. `post`
   * resolves to whether the server has answered. Resolves to "answered" by it, to what the server said to `flush`, or to undefined: not
   * sent yet.
   */
  async send(pressed: Pressed, post: (id: string) => Promise<boolean>): Promise<Outcome | "answered" | undefined> {
    const action = await this.add(pressed);
    const turn = this.#turn.then(() => this.#byForm(action, post));
    this.#turn = turn.catch(() => {});
    if (await turn) return "answered";
    return (await this.#flushed([action])).get(action.id);
  }

  /** The same for several actions, in one request. */
  async sendAll(pressed: Pressed[]): Promise<(Outcome | undefined)[]> {
    const actions: HostAction[] = [];
    for (const each of pressed) actions.push(await this.add(each));
    await this.#turn;
    const told = await this.#flushed(actions);
    return actions.map(({ id }) => told.get(id));
  }

  /** Takes a pending action back, or dismisses a refused one. Resolves to whether it could: not while it is being sent. */
  async drop(id: string): Promise<boolean> {
    let dropped = false;
    await this.#change((actions) => {
      const found = actions.find((action) => action.id === id && left(action.lease, LEASE_MS) === 0);
      dropped = found?.n !== undefined;
      return found?.n === undefined ? {} : { remove: [found.n] };
    });
    return dropped;
  }

  /**
   * Sends what is pending, in order, unless its wait is not over (`now`: without that) or another tab is sending. Resolves to whether
   * this one has tried.
   */
  async flush({ now = false } = {}): Promise<boolean> {
    let tried = false;
    try {
      await exclusively(`${NAME}.${this.#where.line}`, false, async (alone) => {
        let most = MOST;
        let first = now;
        for (;;) {
          const batch = await this.#claim(alone, first, most);
          if (batch.length === 0) return;
          tried = true;
          const answer = await post(this.#where, batch);
          // One of them cannot be read: then each is sent alone, so that it costs no other.
          if (answer.kind === "wrong" && batch.length > 1) most = 1;
          else if (answer.kind === "again" || answer.kind === "ended") return await this.#postpone(batch, answer);
          await this.#settle(batch, answer);
          first = true;
        }
      });
    } finally {
      this.#plan();
    }
    return tried;
  }

  /** Sends the first of all that is pending by its form, under the lock; to whether the server has answered. */
  async #byForm(action: HostAction, post: (id: string) => Promise<boolean>): Promise<boolean> {
    let answered = false;
    await exclusively(`${NAME}.${this.#where.line}`, false, async (alone) => {
      const claimed = this.pending[0]?.id === action.id ? await this.#claim(alone, true, 1) : [];
      if (claimed[0]?.id !== action.id) return;
      answered = await post(action.id);
      if (!answered) return this.#postpone(claimed, { kind: "again", retryAfterMs: 0 });
      await this.#change((actions) => ({ remove: actions.flatMap(({ id, n }) => (id === action.id && n ? [n] : [])) }));
      const last = this.#last.get(action.party ?? "");
      if (last?.id === action.id) last.version = 0; // the answer has brought the list that shows it
    });
    return answered;
  }

  /** What became of these actions: sends what is pending, unless a try has failed just now, or waits for the tab that sends it. */
  async #flushed(actions: HostAction[]): Promise<Map<string, Outcome>> {
    const told = new Map<string, Outcome>();
    const tell = ({ id }: HostAction, outcome: Outcome) => told.set(id, outcome);
    this.#told.add(tell);
    const now = performance.now() - this.#failedAt > JUST_FAILED_MS;
    const tried = await this.flush({ now });
    if (!tried && now)
      await this.settled(
        actions.map(({ id }) => id),
        OTHER_TAB_MS,
      );
    this.#told.delete(tell);
    return told;
  }

  /** The id of this tablet's action that the shown list (`version`) does not have yet. */
  #before({ party, version = 0 }: Pressed): string | undefined {
    const last = party === undefined ? undefined : this.#last.get(party);
    return last && (last.version === undefined || last.version > version) ? last.id : undefined;
  }

  /** The next actions, with a lease. None while one before them waits, or is being sent by another tab. */
  async #claim(alone: boolean, now: boolean, most: number): Promise<HostAction[]> {
    let claimed: HostAction[] = [];
    await this.#change((actions) => {
      const pending = actions.filter(({ state }) => state === "pending");
      const [head] = pending;
      claimed = [];
      if (!head || (!alone && pending.some(({ lease }) => left(lease, LEASE_MS) > 0))) return {};
      if (left(head.notBefore, LONGEST_WAIT_MS) > 0 || (!now && left(head.next, head.wait) > 0)) return {};
      const lease = Date.now() + LEASE_MS;
      claimed = pending.slice(0, most).map((action) => ({ ...action, attempts: action.attempts + 1, lease }));
      return { put: claimed };
    });
    return claimed;
  }

  async #settle(batch: HostAction[], answer: Answer): Promise<void> {
    const told = new Map<string, Outcome>();
    if (answer.kind === "outcomes") for (const outcome of answer.outcomes) told.set(outcome.id, outcome);
    const alone = batch.length === 1 ? batch[0] : undefined;
    if (answer.kind === "wrong" && alone) told.set(alone.id, unreadable(alone.id, answer.text));
    await this.#change((actions) => {
      const change: Required<Change> = { put: [], remove: [] };
      for (const action of actions) {
        const outcome = told.get(action.id);
        if (outcome?.outcome === "refused")
          change.put.push({ ...action, lease: 0, state: "refused", text: outcome.text });
        else if (outcome && action.n !== undefined) change.remove.push(action.n);
        else if (batch.some(({ id }) => id === action.id)) change.put.push({ ...action, lease: 0 });
      }
      return change;
    });
    for (const action of batch) {
      const outcome = told.get(action.id);
      if (!outcome) continue;
      const last = action.party === undefined ? undefined : this.#last.get(action.party);
      if (last?.id === action.id) last.version = outcome.version ?? 0;
      for (const tell of this.#told) tell(action, outcome);
    }
    this.#sayEnded("");
  }

  /** No answer to these: they wait, longer each time, and none overtakes them. */
  async #postpone(batch: HostAction[], answer: Answer): Promise<void> {
    this.#failedAt = performance.now();
    const asked = answer.kind === "again" ? answer.retryAfterMs : 0;
    await this.#change((actions) => {
      const back = actions.filter(({ id }) => batch.some((action) => action.id === id));
      return { put: back.map((action) => postponed(action, asked)) };
    });
    if (answer.kind === "ended") this.#sayEnded(answer.text);
  }

  async #change(change: (actions: HostAction[]) => Change): Promise<void> {
    const before = this.#actions;
    this.#actions = await this.#kept.change(change);
    if (JSON.stringify(before) === JSON.stringify(this.#actions)) return;
    if (!this.#closed) this.#channel?.postMessage(this.#where.line);
    this.#say();
  }

  async #reload(): Promise<void> {
    this.#actions = await this.#kept.all();
    for (const { party, id } of this.pending) if (party) this.#last.set(party, { id });
    this.#say();
    this.#plan();
  }

  #say(): void {
    for (const changed of this.#changed) changed();
  }

  #sayEnded(text: string): void {
    if (this.#ended === text) return;
    this.#ended = text;
    this.#say();
  }

  /** Sends again by itself when the wait is over. */
  #plan(): void {
    clearTimeout(this.#timer);
    const [head] = this.pending;
    if (!head || this.#closed) return;
    const wait = Math.max(left(head.next, head.wait), left(head.notBefore, LONGEST_WAIT_MS), SOON_MS);
    this.#timer = setTimeout(() => void this.flush().catch(() => {}), wait);
  }
}
