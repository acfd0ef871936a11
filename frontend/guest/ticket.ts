/**
 * The ticket page: finds its own ticket in the line's public snapshot, which is the same for all guests, and fetches its own state
 * only when the ticket is called or gone. It always shows its age.
 */
import { started } from "../shared/begin";
import { elapsedSince, instant, ServerClock } from "../shared/clock";
import { all, json, one, write } from "../shared/dom";
import { copiedAt, freshness } from "../shared/freshness";
import { showHours } from "../shared/hours";
import { countdown, type Patterns, waitRange } from "../shared/labels";
import { keepPage } from "../shared/offline_copy";
import { Poll } from "../shared/polling";
import { sendForm } from "../shared/send";
import { say } from "../shared/voice";
import { keepPlace } from "./address";
import { Bell } from "./bell";
import { newKey } from "./key";
import { showNotice } from "./notices";
import { showParty } from "./own";
import { offerPush } from "./push";
import { shownCalls } from "./shown";
import { enableSteppers } from "./stepper";
import {
  inLine,
  LONG_LINE,
  leftOf,
  MAY_VOTE,
  type Own,
  type PublicChanges,
  type PublicLine,
  patience,
  type Question,
  questionAt,
  type Spot,
  STATES,
  type State,
  spotAfter,
  spotIn,
  type TicketState,
  waitingAt,
  waitingIn,
} from "./ticket_state";

// After this long without an answer the page says that it is old (ms).
const STALE_AFTER_MS = 30_000;
const PATIENCE_MS = 8_000;

const root = one("[data-ticket]");
const data = root.dataset as Record<string, string>;
const { code = "", party = "", session = "" } = data;
const ticket = Number(data.ticket);
const patterns = json<Patterns>("labels");
const clock = new ServerClock(Number(data.now), { copiedAt: copiedAt() });
const bell = new Bell(party);
const tellShown = shownCalls(`/queue/${code}/shown`, "reached" in data);
const title = document.title;
const passDialog = one<HTMLDialogElement>("[data-let-pass-dialog]");
const leaveDialog = one<HTMLDialogElement>("[data-leave-dialog]");

let state = data.state as State;
let version = Number(data.version);
let deadline = Number(data.deadline) || null;
let edits = Number(data.edits);
let late = !one("[data-late]").hidden;
let ownMessage = one("[data-own-message] bdi").textContent ?? "";
let promised = data.promised ? (data.promised.split(" ").map(Number) as [number, number]) : null;
/** What the newest snapshot says to all; null before the first. */
let told: { message: string; pause: string } | null = null;
let questions = json<Question[]>("questions");
let endedAt = instant();
const card = one<HTMLAnchorElement>("[data-asked]");
// Whether to follow the snapshot's polls: the page may show one that is not in the snapshot yet.
let questionsKnown = (questionAt(questions, clock.now())?.code ?? "") === card.dataset.asked;
// In a long line: this ticket's place in the previous answer, since the next one holds only changes.
let spot: Spot | null = null;

keepPage();
keepPlace(party, () => !inLine(state));
const snapshot = `/api/queue/${code}/snapshot`;
const poll = new Poll({
  url: snapshot,
  options: { credentials: "omit" }, // one cacheable answer for all guests
  everyMs: Number(data.pollMs),
  onNews: takeSnapshot,
  onSeen: (asked) => freshness.seen(asked),
  onTrouble: () => freshness.troubled(),
});
freshness.follow({
  limitMs: () => Math.max(STALE_AFTER_MS, 2 * poll.everyMs),
  situation: () => (freshness.copy && state === "waiting" ? "" : state),
});
// Only this party's own answer has the server's time.
clock.keepRight(askOwn);
setInterval(tick, 1000);
enableSteppers();
render();
const lookAtPush = offerPush(one("[data-push]"), { sessionId: session, partyId: party });

// ------------------------------------------------------------------------------------------------------------- news
async function takeSnapshot(answer: Response): Promise<void> {
  if (!answer.ok) throw new Error(`status ${answer.status}`);
  const line = (await answer.json()) as PublicLine | PublicChanges;
  if (line.version < version) return; // older than the shown state
  const waiting = "queue" in line ? whole(line) : changes(line);
  tell(line);
  if (waiting) show(waiting);
  if (!waiting || edits !== (line.edited?.[ticket] ?? 0)) await askOwn();
}

function whole(line: PublicLine): TicketState | null {
  follow(line.queue.length > LONG_LINE ? spotIn(line, ticket) : null);
  return waitingIn(line, ticket);
}

function changes(line: PublicChanges): TicketState | null {
  follow(line.waits && line.waiting > LONG_LINE && spot?.version === line.since ? spotAfter(line, ticket, spot) : null);
  return spot && waitingAt(spot, line, ticket);
}

/** Asks for changes since the last version; for the whole line when this ticket's index is not known. */
function follow(next: Spot | null): void {
  spot = next;
  poll.url = next ? `${snapshot}?since=${next.version}` : snapshot;
}

/** Shows the parts that are common to all guests: the line's name, the host's message, polls, whether one may join again. */
function tell(line: PublicLine | PublicChanges): void {
  told = { message: line.message?.text ?? "", pause: line.pauseReason ?? "" };
  if (line.eventName) write(one(".line-name bdi"), line.eventName);
  for (const link of all("[data-join-again]")) link.hidden = Boolean(line.closed);
  const asked = line.asked ?? [];
  if (JSON.stringify(asked) !== JSON.stringify(questions)) {
    questions = asked;
    questionsKnown = true;
  }
  showNotices();
  showHours(line.hours);
}

function showNotices(): void {
  showNotice("own-message", ownMessage, inLine(state));
  if (told === null) return;
  showNotice("message", told.message, inLine(state));
  showNotice("pause", told.pause, state === "waiting");
}

/** Shows the current poll; announces a new one to screen readers. */
function showQuestion(): void {
  if (questionsKnown) {
    const question = questionAt(questions, clock.now());
    card.href = question ? `/queue/${code}/vote/${question.code}` : "";
    write(one("bdi", card), question?.title ?? "");
    if (question && question.code !== card.dataset.asked) say(card.textContent ?? "");
    card.dataset.asked = question?.code ?? "";
  }
  card.hidden = !card.dataset.asked || !MAY_VOTE.includes(state);
}

/** Fetches this party's own state; the cookie identifies it. */
async function askOwn(): Promise<void> {
  const asked = instant();
  const signal = AbortSignal.timeout(PATIENCE_MS);
  const answer = await fetch(`/queue/${code}/place.json?ticket=${ticket}`, { cache: "no-store", signal });
  if (answer.status === 404) location.reload(); // the cookie is gone: the reloaded page says what to do
  if (!answer.ok) throw new Error(`status ${answer.status}`);
  const own = (await answer.json()) as Own;
  clock.learn(own.now, asked);
  if (own.version >= version) showOwn(own);
}

// ------------------------------------------------------------------------------------------------------------ showing
function showOwn(own: Own): void {
  ({ edits } = own);
  ownMessage = own.message;
  showParty(own);
  show(own);
}

function show(own: TicketState): void {
  const before = state;
  ({ state, version, deadline, promised } = own);
  if (before !== state) {
    endedAt = instant();
    lookAtPush(); // the push about this change may find the subscription dead
  }
  if (state === "waiting") {
    write(one("[data-position]"), own.position);
    if (!promised) write(one("[data-range]"), waitRange(patterns, own.waitLowMs, own.waitHighMs, own.waitUnknown));
    tellAhead(own.position);
  }
  one("[data-let-pass]").hidden = state !== "waiting" || own.behind < 1;
  const answered = state === "called" ? own.onMyWay : own.nearby;
  one("[data-nearby-form]").hidden = answered;
  one("[data-nearby-done]").hidden = !answered;
  late = own.late;
  one("[data-more-form]").hidden = own.moreTime !== "";
  for (const note of all("[data-more]")) note.hidden = note.dataset.more !== own.moreTime;
  render();
  if (before === "waiting" && state === "called") {
    scrollTo(0, 0);
    bell.alarm.start();
  } else if (state !== "called" || own.onMyWay) bell.alarm.stop();
}

/** Says once that no more parties are ahead than the guest chose. */
function tellAhead(position: number): void {
  const note = one("[data-tell]");
  const near = note.dataset.tell !== "" && position <= Number(note.dataset.tell) + 1;
  one("[data-tell-later]", note).hidden = near;
  one("[data-tell-now]", note).hidden = !near;
}

function render(): void {
  for (const node of all("[data-in]")) node.hidden = !node.dataset.in?.split(" ").includes(state);
  if (one("[data-tell]").dataset.tell === "") one("[data-tell]").hidden = true;
  for (const each of STATES) document.body.classList.toggle(`is-${each}`, each === state);
  if (state !== "waiting") passDialog.close();
  if (!inLine(state)) leaveDialog.close();
  showNotices();
  tick();
}

/** Runs each second: countdown, rest of a promised wait, tab title, whether it can ring. */
function tick(): void {
  bell.show();
  poll.everyMs = Number(data.pollMs) * patience(state, elapsedSince(endedAt));
  showQuestion();
  if (state === "waiting" && promised) {
    write(one("[data-range]"), waitRange(patterns, ...leftOf(promised, clock.now(), Number(data.scale))));
  }
  const left = deadline ? deadline - clock.now() : 0;
  if (state === "called") {
    write(one("[data-countdown]"), countdown(left));
    one("[data-time-left]").hidden = left <= 0;
    one("[data-time-over]").hidden = left > 0 || late;
    one("[data-late]").hidden = left > 0 || !late;
    if (deadline) tellShown(deadline);
  }
  const signs: Partial<Record<State, string>> = {
    called: `● ${countdown(left)} · `,
    waiting: `${one("[data-position]").textContent} · `,
  };
  document.title = (signs[state] ?? "") + title;
}

// ------------------------------------------------------------------------------------------------------------ actions
/** Submits the form without a reload; the answer is the new state. Errors are shown beside the button. */
function sends(form: HTMLFormElement, done: () => void = () => {}): void {
  const button = one<HTMLButtonElement>("button:not([type=button])", form);
  const failed = one("[data-failed]", form);
  const unsent = failed.textContent ?? "";
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    button.disabled = true;
    failed.hidden = true;
    try {
      const asked = instant();
      const answer = await sendForm(form.action, new FormData(form));
      const own = (await answer.json()) as Own & { error?: string };
      if (!answer.ok) {
        write(failed, own.error ?? unsent);
        failed.hidden = false;
        return;
      }
      clock.learn(own.now, asked);
      freshness.seen(asked);
      showOwn(own);
      done();
    } catch {
      write(failed, unsent);
      failed.hidden = false;
    } finally {
      button.disabled = false;
    }
  });
}

sends(one("[data-nearby-form]"), () => bell.alarm.stop());
sends(one("[data-more-form]"), () => bell.alarm.stop());
sends(one("[data-let-pass-form]"), () => {
  passDialog.close();
  one<HTMLInputElement>("[data-let-pass-form] [name=key]").value = newKey(); // the next request is another one
});

for (const [link, dialog] of [
  ["[data-let-pass]", passDialog],
  ["[data-leave]", leaveDialog],
] as const) {
  one(link).addEventListener("click", (event) => {
    event.preventDefault();
    dialog.showModal();
  });
  one("[data-stay]", dialog).addEventListener("click", (event) => {
    event.preventDefault();
    dialog.close();
  });
}

started();
