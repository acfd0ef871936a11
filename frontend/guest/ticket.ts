/**
 * The ticket page: finds its own ticket in the line's public snapshot, the same bytes for everybody in line, and asks for
 * its own state only when the ticket is called or gone. It always says how fresh it is.
 */
import { elapsedSince, instant, ServerClock } from "../shared/clock";
import { all, json, one, write } from "../shared/dom";
import { freshness, keptAt } from "../shared/freshness";
import { Poll } from "../shared/polling";
import { countdown, type Patterns, waitRange } from "../shared/words";
import { placeIn, takeOver } from "./address";
import { Alarm } from "./alarm";
import { newKey } from "./key";
import { offerPush } from "./push";
import {
  inLine,
  LONG_LINE,
  type Message,
  type PublicChanges,
  type PublicLine,
  type Spot,
  STATES,
  type Standing,
  type State,
  spotAfter,
  spotIn,
  waitingAt,
  waitingIn,
} from "./standing";
import { enableSteppers } from "./stepper";

// An ended place may be put back by the host, so its page goes on looking, less often, and not for ever.
const ENDED_FACTOR = 2;
const ENDED_FOR_MS = 20 * 60_000;
// Without an answer for so long the page says that it is old.
const STALE_AFTER_MS = 30_000;
const PATIENCE_MS = 8_000;

const root = one("[data-ticket]");
const data = root.dataset as Record<string, string>;
const { code = "", party = "", session = "" } = data;
const ticket = Number(data.ticket);
const patterns = json<Patterns>("words");
const clock = new ServerClock(Number(data.now), { copy: Boolean(keptAt()) });
const alarm = new Alarm();
const title = document.title;
const passDialog = one<HTMLDialogElement>("[data-let-pass-dialog]");
const leaveDialog = one<HTMLDialogElement>("[data-leave-dialog]");

let state = data.state as State;
let version = Number(data.version);
let deadline = Number(data.deadline) || null;
let endedAt = instant();
// In a long line: where this ticket was in the answer before, for the next one says only what changed.
let spot: Spot | null = null;

keepAddress();
// An address opened in this tab that differs in its place alone; or the link to the content, which puts the place out of it.
addEventListener("hashchange", keepAddress);
const snapshot = `/api/queue/${code}/snapshot`;
const poll = new Poll({
  url: snapshot,
  options: { credentials: "omit" }, // one answer for all guests, whoever they are besides
  everyMs: Number(data.pollMs),
  onNews: takeSnapshot,
  onSeen: (asked) => freshness.seen(asked),
  onTrouble: () => freshness.troubled(),
});
freshness.follow({
  limitMs: () => STALE_AFTER_MS,
  situation: () => (freshness.copy && state === "waiting" ? "" : state),
});
// Only this party's own answer says what time it is.
clock.keepRight(askOwn);
setInterval(tick, 1000);
enableSteppers();
render();
offerPush(one("[data-push]"), { sessionId: session, partyId: party });

/** The address keeps the place for whoever opens it elsewhere; an address of a newer place than ours is taken over. */
function keepAddress(): void {
  const place = placeIn(location.hash);
  if (place && place !== party && !inLine(state)) takeOver(place);
  else if (place !== party) history.replaceState(null, "", `#place=${party}`);
}

// ------------------------------------------------------------------------------------------------------------- news
async function takeSnapshot(answer: Response): Promise<void> {
  if (!answer.ok) throw new Error(`status ${answer.status}`);
  const line = (await answer.json()) as PublicLine | PublicChanges;
  if (line.version < version) return; // older than what is shown already
  const waiting = "queue" in line ? whole(line) : changes(line);
  tell(line.message);
  if (waiting) show(waiting);
  else await askOwn();
}

function whole(line: PublicLine): Standing | null {
  follow(line.queue.length > LONG_LINE ? spotIn(line, ticket) : null);
  return waitingIn(line, ticket);
}

function changes(line: PublicChanges): Standing | null {
  follow(spot && spot.version === line.since && line.waiting > LONG_LINE ? spotAfter(line, ticket, spot) : null);
  return spot && waitingAt(spot, line);
}

/** The next answer is what changed since; or, where this ticket's index is not known, the whole line. */
function follow(next: Spot | null): void {
  spot = next;
  poll.url = next ? `${snapshot}?since=${next.version}` : snapshot;
}

/** What the host says to everybody. */
function tell(message: Message | null | undefined): void {
  const note = one("[data-message]");
  write(one("bdi", note), message?.text ?? "");
  note.hidden = !message || !inLine(state);
}

/** This party's own state; the cookie says whose. */
async function askOwn(): Promise<void> {
  const asked = instant();
  const signal = AbortSignal.timeout(PATIENCE_MS);
  const answer = await fetch(`/queue/${code}/place.json`, { cache: "no-store", signal });
  if (answer.status === 404) location.reload(); // the cookie is gone: the page without it says what to do
  if (!answer.ok) throw new Error(`status ${answer.status}`);
  const own = (await answer.json()) as Standing;
  clock.learn(own.now, asked);
  if (own.version >= version) show(own);
}

// ------------------------------------------------------------------------------------------------------------ showing
function show(own: Standing): void {
  const before = state;
  ({ state, version, deadline } = own);
  if (before !== state) endedAt = instant();
  if (state === "waiting") {
    write(one("[data-position]"), own.position);
    write(one("[data-range]"), waitRange(patterns, own.waitLowMs, own.waitHighMs));
  }
  one("[data-let-pass]").hidden = state !== "waiting" || own.behind < 1;
  one("[data-nearby-form]").hidden = own.nearby;
  one("[data-nearby-said]").hidden = !own.nearby;
  one("[data-more-form]").hidden = own.moreTime !== "";
  for (const said of all("[data-more]")) said.hidden = said.dataset.more !== own.moreTime;
  render();
  if (before === "waiting" && state === "called") {
    scrollTo(0, 0);
    alarm.start();
  } else if (state !== "called" || own.nearby) alarm.stop();
}

function render(): void {
  for (const node of all("[data-in]")) node.hidden = !node.dataset.in?.split(" ").includes(state);
  for (const each of STATES) document.body.classList.toggle(`is-${each}`, each === state);
  if (state !== "waiting") passDialog.close();
  if (!inLine(state)) leaveDialog.close();
  poll.everyMs = Number(data.pollMs) * (inLine(state) ? 1 : ENDED_FACTOR);
  tick();
}

/** Each second: the countdown, the title of the tab. */
function tick(): void {
  const left = deadline ? deadline - clock.now() : 0;
  if (state === "called") {
    write(one("[data-countdown]"), countdown(left));
    one("[data-time-left]").hidden = left <= 0;
    one("[data-time-over]").hidden = left > 0;
  }
  const signs: Partial<Record<State, string>> = {
    called: `● ${countdown(left)} · `,
    waiting: `${one("[data-position]").textContent} · `,
  };
  document.title = (signs[state] ?? "") + title;
  if (state === "closed" || (!inLine(state) && elapsedSince(endedAt) > ENDED_FOR_MS)) poll.stop();
}

// ------------------------------------------------------------------------------------------------------------ actions
/** Sends the form without a reload; the answer is the standing after it. Whatever fails is said beside the button. */
function sends(form: HTMLFormElement, done: () => void = () => {}): void {
  const button = one<HTMLButtonElement>("button:not([type=button])", form);
  const failed = one("[data-failed]", form);
  const unsent = failed.textContent ?? "";
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    button.disabled = true;
    failed.hidden = true;
    try {
      const headers = { "x-fragment": "1" };
      const asked = instant();
      const answer = await fetch(form.action, { method: "POST", body: new FormData(form), headers });
      const said = (await answer.json()) as Standing & { error?: string };
      if (!answer.ok) {
        write(failed, said.error ?? unsent);
        failed.hidden = false;
        return;
      }
      clock.learn(said.now, asked);
      freshness.seen(asked);
      show(said);
      done();
    } catch {
      write(failed, unsent);
      failed.hidden = false;
    } finally {
      button.disabled = false;
    }
  });
}

sends(one("[data-nearby-form]"), () => alarm.stop());
sends(one("[data-more-form]"), () => alarm.stop());
sends(one("[data-let-pass-form]"), () => {
  passDialog.close();
  one<HTMLInputElement>("[data-let-pass-form] [name=key]").value = newKey(); // the next time is another time
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

const sound = one<HTMLButtonElement>("[data-sound]");
sound.addEventListener("click", async () => {
  try {
    if (alarm.soundOn) alarm.switchOff();
    else await alarm.switchOn();
  } catch {
    sound.remove(); // no sound on this device
  }
  sound.ariaPressed = String(alarm.soundOn);
  one("[data-sound-on]", sound).hidden = !alarm.soundOn;
  one("[data-sound-off]", sound).hidden = alarm.soundOn;
});
