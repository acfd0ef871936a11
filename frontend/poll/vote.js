/**
 * The voting page. A vote that was sent and not answered is pending, in this browser's storage, and goes out again until the
 * server says what became of it: the ballot's id stays the same, so it is counted once. Only the server's page says "counted".
 */
import { follow } from "./results.js";

const FIRST_WAIT_MS = 1_000;
const LONGEST_WAIT_MS = 30_000;
const TIMEOUT_MS = 10_000;
// What may be otherwise the next time: not an answer to the vote.
const AGAIN = new Set([408, 425, 429]);

let page = document.querySelector("[data-vote]");
let sending = false;
let failures = 0;
let timer = 0;

const storage = `tallyline.ballot.${page.dataset.poll}`;
const form = () => page.querySelector("[data-ballot-form]");
const find = (selector) => page.querySelector(selector);

/** The vote that waits to be counted, as [name, value] pairs; null when there is none. */
function pending() {
  try {
    return JSON.parse(localStorage.getItem(storage));
  } catch {
    return null;
  }
}

let kept = pending();

function keep(fields) {
  kept = fields;
  try {
    if (fields) localStorage.setItem(storage, JSON.stringify(fields));
    else localStorage.removeItem(storage);
  } catch {
    // Storage is full or forbidden: the vote is kept as long as this page is open.
  }
}

/** Sends the pending vote, now. */
async function send() {
  if (!kept || sending) return;
  sending = true;
  clearTimeout(timer);
  show("sending");
  const body = new URLSearchParams(kept);
  body.set("csrfmiddlewaretoken", form().elements.csrfmiddlewaretoken.value);
  const abort = new AbortController();
  const timeout = setTimeout(() => abort.abort(), TIMEOUT_MS);
  try {
    const answer = await fetch(form().action, { method: "POST", body, signal: abort.signal });
    const html = await answer.text();
    if (answer.status >= 500 || AGAIN.has(answer.status)) throw new Error(`status ${answer.status}`);
    take(html, answer);
  } catch {
    failures += 1;
    show("waiting");
    const wait = Math.min(FIRST_WAIT_MS * 2 ** (failures - 1), LONGEST_WAIT_MS);
    timer = setTimeout(send, wait * (0.5 + Math.random()));
  } finally {
    clearTimeout(timeout);
    sending = false;
  }
}

/** Shows the server's page in place of this one: counted, or refused and why. */
function take(html, answer) {
  const next = new DOMParser().parseFromString(html, "text/html");
  const there = next.querySelector("[data-vote]");
  // A page that is not about the vote (this one was too old, say) has not decided about it: it is sent again from a new one.
  if (there || answer.status === 404) keep(null);
  document.querySelector("main").replaceWith(next.querySelector("main"));
  document.title = next.title;
  scrollTo(0, 0);
  if (!there) return;
  page = document.querySelector("[data-vote]");
  failures = 0;
  follow(page);
  watch();
}

/** Says honestly how far the vote is: "", "sending" or "waiting". */
function show(state) {
  const note = find("[data-pending]");
  if (!note) return;
  note.hidden = !state;
  find("[data-sending]").hidden = state !== "sending";
  find("[data-waiting]").hidden = state !== "waiting";
  find("[data-fields]").disabled = Boolean(state);
  find("[data-send]").hidden = Boolean(state);
}

/** Listens to the form that is shown; it is a new one after each answer. */
function watch() {
  if (page.dataset.vote !== "form") return;
  form().addEventListener("submit", (event) => {
    event.preventDefault();
    const fields = [...new FormData(form())].filter(([name]) => name !== "csrfmiddlewaretoken");
    keep(fields);
    send();
  });
  find("[data-now]").addEventListener("click", send);
}

/** A vote left pending by an earlier visit: its choices are shown, and it is sent. */
function resume() {
  const value = (name) => kept.find(([each]) => each === name)?.[1];
  if (value("ballot") === page.dataset.own) return keep(null);
  if (page.dataset.vote === "form") {
    const picks = kept.filter(([name]) => name === "choices").map(([, each]) => each);
    for (const input of form().querySelectorAll("[name=choices]")) input.checked = picks.includes(input.value);
    if (form().elements.code) form().elements.code.value = value("code") ?? "";
  }
  send();
}

addEventListener("online", () => {
  failures = 0;
  send();
});
// Back from another page: the browser's memory may show a form whose vote is in.
addEventListener("pageshow", (event) => event.persisted && location.reload());

const WAIT_OPEN_MS = 10_000;
if (find("[data-wait-open]")) setTimeout(() => location.reload(), WAIT_OPEN_MS * (0.8 + Math.random() * 0.4));
watch();
if (kept) resume();
