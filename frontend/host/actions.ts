/** What hosts press, what the server answers, and how it is sent: POST /api/queue/{code}/actions (docs/contracts/api.md). */
import { askedMs, waitMs } from "../shared/backoff";
import { uuid } from "../shared/uuid";

export const TIMEOUT_MS = 10_000;
// Statuses that may change at the next try: no answer to the actions.
const AGAIN = new Set([408, 425, 429]);

/** What a host has pressed. Times in ms since 1970. */
export interface Pressed {
  /** The button by the name in its path. */
  action: string;
  /** The party it is about. */
  party?: string | undefined;
  /** What its form showed of that party, and the version of the list that was shown. */
  saw?: string | undefined;
  version?: number | undefined;
  /** By the server's clock, as this page knows it. */
  pressedAt: number;
  /** The other fields of its form. */
  fields?: Record<string, string> | undefined;
  /** What it is, as the page says it: "Seat #12". */
  what: string;
}

export interface HostAction extends Pressed {
  id: string;
  line: string;
  /** Its place in the order; given by the storage. */
  n?: number;
  /** The action of this tablet before it, on the same party, which the shown list did not have yet. */
  after?: string | undefined;
  state: "pending" | "refused";
  /** Only of a refused one: the server's sentence. */
  text?: string;
  attempts: number;
  /** When the timer sends it next, and how long that wait is; times of this device's clock. */
  next: number;
  wait: number;
  /** The server allows it from then on (Retry-After). */
  notBefore: number;
  /** Some tab is sending it, until then at the latest. */
  lease: number;
}

/** What became of an action, as the server says it. */
export interface Outcome {
  id: string;
  outcome: "done" | "refused";
  already: boolean;
  version: number | null;
  partyId: string | null;
  text: string;
  code: string;
}

export interface Where {
  /** The line's code. */
  line: string;
  /** Headers that prove the host; asked for anew before each try. */
  proof: () => Record<string, string>;
}

export type Answer =
  | { kind: "outcomes"; outcomes: Outcome[] }
  | { kind: "again"; retryAfterMs: number }
  | { kind: "ended"; text: string }
  | { kind: "wrong"; text: string };

/** An action that was just pressed. */
export const newAction = (pressed: Pressed, line: string, after: string | undefined): HostAction => ({
  ...pressed,
  ...{ id: uuid(), line, after, state: "pending" },
  ...{ attempts: 0, next: 0, wait: 0, notBefore: 0, lease: 0 },
});

/** The action with its next wait: what the server asked for (ms), and a random part that grows with each try. */
export function postponed(action: HostAction, asked: number): HostAction {
  const now = Date.now();
  const wait = asked + waitMs(action.attempts);
  return { ...action, lease: 0, wait, next: now + wait, notBefore: asked ? now + asked : 0 };
}

/** The outcome of an action that the server could not even read. */
export const unreadable = (id: string, text: string): Outcome => ({
  ...{ id, outcome: "refused", already: false, version: null, partyId: null },
  ...{ text, code: "invalid" },
});

/** Sends them, in order. Accepts only our server's own answer, not a captive portal's page or a proxy's error. */
export async function post({ line, proof }: Where, batch: HostAction[]): Promise<Answer> {
  try {
    const answer = await fetch(`/api/queue/${line}/actions`, {
      method: "POST",
      headers: { "content-type": "application/json", ...proof() },
      body: JSON.stringify({ actions: batch.map(sent) }),
      credentials: "omit",
      redirect: "error",
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    if (answer.status >= 500 || AGAIN.has(answer.status))
      return { kind: "again", retryAfterMs: askedMs(answer.headers.get("retry-after")) };
    const { outcomes, error } = (await answer.json()) as { outcomes?: Outcome[]; error?: string };
    // Without an outcome of the first one nothing would ever end.
    if (answer.ok && outcomes?.some(({ id }) => id === batch[0]?.id)) return { kind: "outcomes", outcomes };
    if (typeof error === "string")
      return { kind: answer.status === 401 || answer.status === 403 ? "ended" : "wrong", text: error };
  } catch {
    // no network, or not our server's answer
  }
  return { kind: "again", retryAfterMs: 0 };
}

/** What the server is sent of an action. */
function sent({ id, action, party, saw, version, pressedAt, after, fields }: HostAction): object {
  return { id, action, party, saw, version, pressedAt: Math.round(pressedAt), after, fields };
}
