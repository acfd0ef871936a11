/**
 * The ticket page: finds its own ticket in the line's public snapshot, the same bytes for everybody in line, and asks for
 * its own state only when the ticket is not in there any more. It always says how fresh it is.
 */
import { Poll, ServerClock } from "../shared/polling";
import { offerPush } from "./push.js";
import { ago, countdown, waitRange } from "../shared/words";

const STALE_AFTER_S = 30;
// An ended place may be put back by the host, so its page goes on looking, less often, and not for ever.
const ENDED_FACTOR = 2;
const ENDED_FOR_MS = 20 * 60_000;

const root = document.querySelector("[data-ticket]");
const { code, party, session } = root.dataset;
const ticket = Number(root.dataset.ticket);
const patterns = JSON.parse(document.getElementById("words").textContent);
const clock = new ServerClock(Number(root.dataset.now));
const title = document.title;
const all = (selector) => document.querySelectorAll(selector);
const one = (selector) => document.querySelector(selector);

let state = root.dataset.state;
let version = Number(root.dataset.version);
let deadline = Number(root.dataset.deadline) || null;
let seenAt = Date.now();
let endedAt = Date.now();
let trouble = false;

keepAddress();
const poll = new Poll({
  url: `/api/queue/${code}/snapshot`,
  options: { credentials: "omit" }, // one answer for all guests, whoever they are besides
  everyMs: Number(root.dataset.pollMs),
  clock,
  onNews: takeSnapshot,
  onSeen: seen,
  onTrouble: () => {
    trouble = true;
    tick();
  },
});
setInterval(tick, 1000);
render();
offerPush(one("[data-push]"), { sessionId: session, partyId: party });

/** The address keeps the place for whoever opens it elsewhere; an address of a newer place than ours is taken over. */
function keepAddress() {
  const place = new URLSearchParams(location.hash.slice(1)).get("place");
  if (place && place !== party && !inLine()) {
    const form = one("[data-restore]");
    form.elements.place.value = place;
    form.submit();
  } else if (place !== party) {
    history.replaceState(null, "", `#place=${party}`);
  }
}

function inLine() {
  return state === "waiting" || state === "called";
}

async function takeSnapshot(answer) {
  if (!answer.ok) throw new Error(`status ${answer.status}`);
  const line = await answer.json();
  if (line.version < version) return; // older than what is shown already
  const position = line.queue.findIndex((each) => each.ticket === ticket);
  const called = line.called.find((each) => each.ticket === ticket);
  if (position < 0 && !called) {
    await askOwn();
    return;
  }
  const own = called ?? line.queue[position];
  show({
    state: called ? "called" : "waiting",
    version: line.version,
    nearby: own.nearby,
    deadline: own.deadline ?? null,
    position: position + 1 + (line.called.length ? 1 : 0),
    waitLowMs: own.waitLowMs,
    waitHighMs: own.waitHighMs,
  });
}

/** This party's own state; the cookie says whose. */
async function askOwn() {
  const answer = await fetch(`/queue/${code}/place.json`, { cache: "no-store" });
  if (answer.status === 404) location.reload(); // the cookie is gone: the page without it says what to do
  if (!answer.ok) throw new Error(`status ${answer.status}`);
  const own = await answer.json();
  if (own.version >= version) show(own);
}

function show(own) {
  const before = state;
  ({ state, version } = own);
  deadline = own.deadline;
  if (before !== state) endedAt = Date.now();
  if (state === "waiting") {
    write("[data-position]", own.position);
    write("[data-range]", waitRange(patterns, own.waitLowMs, own.waitHighMs));
  }
  one("[data-nearby-form]").hidden = own.nearby;
  one("[data-nearby-said]").hidden = !own.nearby;
  render();
  if (before === "waiting" && state === "called") navigator.vibrate?.([300, 150, 300]);
}

/** Writes only what changed, so that a screen reader hears only that. */
function write(selector, text) {
  for (const node of all(selector)) if (node.textContent !== String(text)) node.textContent = text;
}

function render() {
  for (const node of all("[data-in]")) node.hidden = !node.dataset.in.split(" ").includes(state);
  for (const each of ["waiting", "called", "served", "left", "kicked", "no_show", "closed"]) {
    document.body.classList.toggle(`is-${each}`, each === state);
  }
  if (!inLine()) one("[data-leave-dialog]").close();
  poll.everyMs = Number(root.dataset.pollMs) * (inLine() ? 1 : ENDED_FACTOR);
  tick();
}

function seen() {
  seenAt = Date.now();
  trouble = false;
  tick();
}

/** Each second: the countdown, the age of what is shown, the title of the tab. */
function tick() {
  const age = (Date.now() - seenAt) / 1000;
  const offline = one("[data-offline]");
  offline.hidden = !inLine() || !(trouble || age > STALE_AFTER_S);
  for (const node of all("[data-fresh]")) {
    const text = node.dataset.text.replace("{ago}", ago(age));
    if (node.textContent !== text) node.textContent = text;
    node.classList.toggle("stale", age > STALE_AFTER_S);
  }
  const left = deadline ? deadline - clock.now() : 0;
  if (state === "called") {
    write("[data-countdown]", countdown(left));
    one("[data-time-left]").hidden = left <= 0;
    one("[data-time-over]").hidden = left > 0;
  }
  const position = one("[data-position]").textContent;
  const sign = { called: `● ${countdown(left)} · `, waiting: `${position} · ` };
  document.title = (sign[state] ?? "") + title;
  if (state === "closed" || (!inLine() && Date.now() - endedAt > ENDED_FOR_MS)) poll.stop();
}

one("[data-nearby-form]").addEventListener("submit", async (event) => {
  event.preventDefault();
  const form = event.currentTarget;
  const button = form.querySelector("button");
  button.disabled = true;
  try {
    const answer = await fetch(form.action, { method: "POST", body: new FormData(form), headers: { "x-fragment": "1" } });
    if (!answer.ok) throw new Error(`status ${answer.status}`);
    show(await answer.json());
    form.querySelector("[data-nearby-failed]").hidden = true;
  } catch {
    form.querySelector("[data-nearby-failed]").hidden = false;
  } finally {
    button.disabled = false;
  }
});

const dialog = one("[data-leave-dialog]");
one("[data-leave]").addEventListener("click", (event) => {
  event.preventDefault();
  dialog.showModal();
});
dialog.querySelector("[data-stay]").addEventListener("click", (event) => {
  event.preventDefault();
  dialog.close();
});
