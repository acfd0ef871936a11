/**
 * The host's console. The server renders the list, here as everywhere; this script fetches it anew when the line has a new
 * version, sends the buttons' forms without a reload, and keeps the clocks running.
 */
import { Poll, ServerClock } from "../shared/polling";

const STALE_AFTER_S = 10;
const MESSAGE_FOR_MS = 12_000;

const root = document.querySelector("[data-console]");
const live = root.querySelector("[data-live]");
const list = () => live.querySelector(".list");
const clock = new ServerClock(Number(list().dataset.now));
const wasClosed = list().dataset.closed;

let version = Number(list().dataset.version);
let seenAt = Date.now();
let trouble = false;

const poll = new Poll({
  url: `/api/queue/${root.dataset.code}/console`,
  // HEAD: only whether there is something new; the list itself comes rendered.
  options: { method: "HEAD", headers: { "x-host-auth": root.dataset.hostAuth }, credentials: "omit" },
  everyMs: Number(root.dataset.pollMs),
  clock,
  onNews: async (answer) => {
    if (!answer.ok) throw new Error(`status ${answer.status}`);
    await refresh();
  },
  onSeen: () => {
    seenAt = Date.now();
    trouble = false;
    tick();
  },
  onTrouble: () => {
    trouble = true;
    tick();
  },
});
setInterval(tick, 1000);
tick();

async function refresh() {
  const answer = await fetch(root.dataset.list + location.search, { headers: { "x-fragment": "1" }, cache: "no-store" });
  if (answer.status === 403) location.reload(); // not a host any more: the page says what to do
  if (!answer.ok) throw new Error(`status ${answer.status}`);
  take(await answer.text(), { keepMessages: true });
}

/** Puts a newly rendered list in place of the old one; what is open or being typed stays as it is. */
function take(html, { keepMessages }) {
  const next = new DOMParser().parseFromString(html, "text/html").querySelector(".list");
  if (!next || Number(next.dataset.version) < version) return;
  version = Number(next.dataset.version);
  if (next.dataset.closed !== wasClosed) {
    location.reload(); // walk-ins and closing come or go with it, and they stand outside the list
    return;
  }
  if (keepMessages) next.querySelector(".messages").replaceWith(list().querySelector(".messages"));
  keepWork(list(), next);
  const { activeElement } = document;
  const focused = focusKey(activeElement);
  const selection = focused && activeElement.selectionStart;
  list().replaceWith(next);
  if (focused) refocus(live.querySelector(focused), selection);
  if (!keepMessages) setTimeout(() => next.querySelector(".messages")?.replaceChildren(), MESSAGE_FOR_MS);
  tick();
}

/** Carries open details and values being edited over to the new list. */
function keepWork(before, after) {
  for (const details of before.querySelectorAll("[data-party] details[open]")) {
    const there = partyIn(after, details)?.querySelector("details");
    if (!there) continue;
    there.open = true;
    for (const input of details.querySelectorAll(".party-edit input:not([type=hidden])")) {
      if (input.value !== input.defaultValue) there.querySelector(`[name=${input.name}]`).value = input.value;
    }
  }
}

const partyIn = (where, node) => where.querySelector(`[data-party="${node.closest("[data-party]").dataset.party}"]`);

/** A selector that finds the same control in the next list, or an empty string. */
function focusKey(node) {
  if (!live.contains(node)) return "";
  const row = node.closest("[data-party]");
  const within = row ? `[data-party="${row.dataset.party}"] ` : "";
  if (node.name) return `${within}[name="${node.name}"]`;
  if (node.hasAttribute("formaction")) return `${within}[formaction="${node.getAttribute("formaction")}"]`;
  const form = node.closest("form");
  return form ? `${within}form[action="${form.getAttribute("action")}"] button:not([formaction])` : `${within}summary`;
}

function refocus(node, selection) {
  node?.focus({ preventScroll: true });
  if (typeof selection === "number") node?.setSelectionRange?.(selection, selection);
}

root.addEventListener("submit", async (event) => {
  event.preventDefault();
  const form = event.target;
  const button = event.submitter;
  const row = form.closest("[data-party]")?.dataset.party;
  if (form.dataset.sending) return; // a double tap is one tap
  form.dataset.sending = "1";
  try {
    const url = (button?.getAttribute("formaction") ?? form.getAttribute("action")) + location.search;
    const answer = await fetch(url, { method: "POST", body: new FormData(form), headers: { "x-fragment": "1" } });
    if (answer.status === 403) location.reload();
    const html = await answer.text();
    if (!html.includes('class="list"')) throw new Error(`status ${answer.status}`);
    // Found anew: a poll may have replaced the list meanwhile.
    if (answer.ok && row) live.querySelector(`[data-party="${row}"] details`)?.removeAttribute("open");
    if ("walkIn" in form.dataset && answer.ok) renew(form, html);
    take(html, { keepMessages: false });
  } catch {
    trouble = true;
    notSent();
  } finally {
    delete form.dataset.sending;
  }
});

/** An added walk-in empties its form, which gets a new key: the next one is another party. */
function renew(form, html) {
  form.reset();
  form.elements.key.value = new DOMParser().parseFromString(html, "text/html").querySelector(".list").dataset.key;
  form.elements.name.focus();
}

function notSent() {
  const note = document.createElement("p");
  note.className = "notice notice-error";
  note.setAttribute("role", "alert");
  note.textContent = "That was not sent: no connection. Please try again.";
  list().querySelector(".messages").replaceChildren(note);
  tick();
}

/** Each second: countdowns, waiting times, and the banner when what is shown is old. */
function tick() {
  const now = clock.now();
  const scale = Number(list().dataset.scale) || 1;
  for (const node of live.querySelectorAll("[data-deadline]")) {
    const seconds = Math.max(Math.ceil((Number(node.dataset.deadline) - now) / 1000), 0);
    node.textContent = `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
    node.classList.toggle("late", seconds <= 20);
  }
  for (const node of live.querySelectorAll("[data-since]")) {
    const minutes = Math.max(Math.floor(((now - Number(node.dataset.since)) * scale) / 60_000), 0);
    const hours = Math.floor(minutes / 60);
    const rest = minutes % 60;
    node.textContent = minutes <= 90 ? `${minutes} min` : rest ? `${hours} h ${rest} min` : `${hours} h`;
  }
  const age = (Date.now() - seenAt) / 1000;
  const banner = document.querySelector("[data-offline]");
  banner.hidden = !(trouble || age > STALE_AFTER_S);
  banner.querySelector("[data-stale]").textContent = age < 90 ? `${Math.round(age)} s` : `${Math.round(age / 60)} min`;
}
