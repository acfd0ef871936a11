/**
 * The host's console. The server renders the list; this script fetches it when the line has a new version, submits the buttons'
 * forms without a reload, and runs the clocks. It queues nothing for later.
 */
import { started } from "../shared/begin";

import { type Instant, instant, ServerClock } from "../shared/clock";
import { all, one } from "../shared/dom";
import { Follow } from "../shared/follow";
import { freshness } from "../shared/freshness";
import { sendForm, type Unsent, unsentOf } from "../shared/send";
import { Access } from "./access";
import { type Board, read, replace, rowOf, takeMessages } from "./board";
import { runClocks } from "./clocks";
import { type Move, Order, restore } from "./order";
import { panes } from "./panes";
import { Press } from "./press";
import { Snack } from "./snack";
import { Taps } from "./taps";
import { Watch } from "./watch";

const STALE_AFTER_MS = 12_000;
const PATIENCE_MS = 10_000;
const HEADERS = { "x-fragment": "1" };
const OFFLINE = "No connection: that was not sent, and will not be. Press again when it is back.";
const CLOSED_NOW = "The line was closed elsewhere. What you typed is still here; clear it to go on.";
const OPEN_NOW = "The line was opened again elsewhere. What you typed is still here; clear it to go on.";
const NO_ANSWER = "No answer. The list will show whether that was done; it is not sent again by itself.";

const root = one("[data-console]");
const live = one("[data-live]", root);
const { code = "", hostAuth = "", pollMs = "" } = root.dataset;
const list = () => one(".list", live);
const newest = () => waiting?.list ?? list();
const version = () => Number(newest().dataset.version);
const clock = new ServerClock(Number(list().dataset.now));
const wasClosed = list().dataset.closed;
const snack = new Snack();
const taps = new Taps();
const order = new Order(
  live,
  send,
  (text) => snack.say(text, { version: list().dataset.undo }),
  () => {
    press.end();
    showWaiting();
  },
);
const watch = new Watch();
const access = new Access();
const proof = { "x-host-auth": hostAuth };
const sending = new Set<string>();
// Once the click is done: a button that is replaced under a finger is not clicked.
const press = new Press(root, () => setTimeout(showWaiting));

let waiting: Board | undefined; // what came while a row was being dragged, or a finger was down
let refused = false; // the server answers, but not with the list
let outgrown = false; // what stands beside the list is of another state of the line

new Follow({
  url: `/api/queue/${code}/versions`,
  poll: {
    url: `/api/queue/${code}/console`,
    // HEAD: only whether there is something new; the list itself comes rendered.
    options: { method: "HEAD", headers: proof, credentials: "omit" },
    everyMs: Number(pollMs),
    onNews: async (answer) => {
      // The token has ended: the page gives another, or says what to do. What was typed into it stays.
      if (answer.status === 401 || answer.status === 403) await renewProof();
      else if (!answer.ok) throw new Error(`status ${answer.status}`);
      await refresh();
    },
    onSeen: seen,
    onTrouble: () => freshness.troubled(),
  },
  onVersion: (newest) => {
    if (newest <= version()) seen();
    else refresh().catch(() => freshness.troubled());
  },
  onWay: (way) => {
    root.dataset.way = way;
  },
});
order.arm();
panes();
const { said, wrong } = takeMessages(list());
if (said) snack.say(said, { wrong });
freshness.follow({
  limitMs: () => STALE_AFTER_MS,
  situation: () => (refused ? "refused" : waiting ? "held" : ""),
});
clock.keepRight(refresh);
setInterval(tick, 1000);
for (const event of ["visibilitychange", "resume"]) document.addEventListener(event, look);
addEventListener("pageshow", (event) => event.persisted && look());
tick();

/** At once, for the page is seen again: timers and connections of a hidden one may have been stopped. */
function look(): void {
  if (!document.hidden) refresh().catch(() => freshness.troubled());
}

/** The server has said that the newest list is shown. */
function seen(asked?: Instant): void {
  if (!waiting && !refused) freshness.seen(asked);
}

async function refresh(): Promise<void> {
  const asked = instant();
  const signal = AbortSignal.timeout(PATIENCE_MS);
  const answer = await fetch(root.dataset.list + location.search, { headers: HEADERS, cache: "no-store", signal });
  const unsent = await unsentOf(answer);
  if (unsent) access.ended(unsent);
  const next = answer.ok ? read(await answer.text()).board : null;
  refused = !next;
  if (!next) throw new Error(`no list: status ${answer.status}`);
  access.back();
  clock.learn(Number(next.list.dataset.now), asked);
  take(next);
  seen(asked);
}

/** Another host token, from the page itself: the one that it came with has ended. */
async function renewProof(): Promise<void> {
  const page = await fetch(location.href, { cache: "no-store", signal: AbortSignal.timeout(PATIENCE_MS) });
  const parsed = new DOMParser().parseFromString(await page.text(), "text/html");
  const fresh = parsed.querySelector<HTMLElement>("[data-console]")?.dataset.hostAuth;
  if (fresh) proof["x-host-auth"] = fresh;
}

/**
 * Shows a newly rendered list, unless a newer one is shown. While the host drags a row of the old one or presses a button of it, it
 * waits: a button that is replaced under a finger is not clicked.
 */
function take(next: Board): void {
  const { dataset } = next.list;
  if (Number(dataset.version) < version()) return;
  // Walk-ins and closing come or go with it, and they stand outside the list.
  if (dataset.closed !== wasClosed && !outgrown) {
    outgrown = true;
    if (isTyping()) snack.say(dataset.closed === "1" ? CLOSED_NOW : OPEN_NOW, { wrong: true });
  }
  waiting = next;
  showWaiting();
}

function showWaiting(): void {
  if (!waiting || order.dragging || press.down) return;
  const next = waiting;
  waiting = undefined;
  replace(root, next);
  order.arm();
  const { undo, done, full } = next.list.dataset;
  snack.newest(undo, done);
  for (const button of all("[data-over-capacity]")) button.hidden = full !== "1";
  tick();
}

// What the host has typed into or changed. A browser writes times its own way, so not all that differs was typed.
const touched = new Set<HTMLInputElement>();
root.addEventListener("input", (event) => touched.add(event.target as HTMLInputElement));

/** Whether there is something of that which was not sent. */
const isTyping = (): boolean =>
  [...touched].some(
    (field) => field.isConnected && (field.value !== field.defaultValue || field.checked !== field.defaultChecked),
  );

// ------------------------------------------------------------------------------------------------------------- acting
/** Sends a form's words to a command, and shows what came of it. Resolves to whether it was done. */
async function act(url: string, said: FormData): Promise<boolean> {
  const before = Number(list().dataset.undo ?? 0);
  let answer: Response;
  let unsent: Unsent | null;
  let html: string;
  try {
    const signal = AbortSignal.timeout(PATIENCE_MS);
    answer = await sendForm(url + location.search, said, signal);
    unsent = await unsentOf(answer); // before its text, for a body is read once
    html = await answer.text();
  } catch {
    freshness.troubled();
    snack.say(navigator.onLine ? NO_ANSWER : OFFLINE, { wrong: true });
    return false;
  }
  if (unsent) {
    access.ended(unsent);
    snack.say(unsent.error, { wrong: true });
    return false;
  }
  const { board: next, said: words, wrong } = read(html);
  if (!next) {
    snack.say("That did not work. Please try again.", { wrong: true });
    return false;
  }
  access.back();
  // Found anew: the list may have been replaced meanwhile. What was refused stays open, with what was typed; the host was told
  // what is so now.
  const details = rowOf(live, String(said.get("party")))?.querySelector("details");
  if (answer.ok) details?.removeAttribute("open");
  else if (details) details.dataset.told = "";
  take(next);
  const { undo, done = "" } = next.list.dataset;
  if (wrong || words) snack.say(words, { wrong, version: wrong || Number(undo) <= before ? undefined : undo });
  else if (Number(undo ?? 0) > before) snack.say(`${done.charAt(0).toUpperCase()}${done.slice(1)}.`, { version: undo });
  return answer.ok;
}

async function send(move: Move): Promise<boolean> {
  const said = new FormData();
  said.set("csrfmiddlewaretoken", one<HTMLInputElement>("[name=csrfmiddlewaretoken]", root).value);
  said.set("party", move.party);
  said.set("place", String(move.place));
  said.set("behind", move.behind);
  said.set("saw", "waiting");
  const done = await act(root.dataset.move ?? "", said);
  // Not done: the row goes back to where the server has it.
  if (!done) await refresh().catch(() => undoMark(move.party));
  return done;
}

/** Without an answer the list is what it was when it was last heard of; the row says no more that it moves. */
function undoMark(party: string): void {
  restore(live);
  const row = rowOf(live, party);
  row?.classList.remove("is-moving");
  if (row) one("[data-moving]", row).hidden = true;
}

for (const place of [root, one("[data-snack]")]) {
  place.addEventListener("click", (event) => {
    // Of what is replaced: a form beside the list may be sent twice, and stays what it is.
    const button = (event.target as HTMLElement).closest(
      ":is([data-live], [data-past], [data-snack]) button:not([type=button])",
    );
    if (button && taps.repeats({ at: event.timeStamp, x: event.clientX, y: event.clientY })) event.preventDefault();
  });
}

document.addEventListener("submit", async (event) => {
  const form = event.target as HTMLFormElement;
  if (!root.contains(form) && !form.closest("[data-snack]")) return;
  if ("whole" in form.dataset) return; // what it changes is the page: its host token, its link, what it shows
  event.preventDefault();
  const url = event.submitter?.getAttribute("formaction") ?? form.getAttribute("action") ?? "";
  const said = new FormData(form);
  const button = event.submitter as HTMLButtonElement | null;
  if (button?.name) said.set(button.name, button.value);
  if ("empties" in form.dataset) said.set("saw", list().dataset.message ?? ""); // what stands above it now
  const what = `${url} ${said.get("party") ?? ""}`;
  if (sending.has(what)) return; // a double tap is one tap
  sending.add(what);
  button?.setAttribute("aria-busy", "true");
  try {
    if (await act(url, said)) settle(form, said);
    else taps.forget();
  } finally {
    sending.delete(what);
    button?.removeAttribute("aria-busy");
  }
});

/** A form beside the list, after it was taken: emptied for the next one, which is another (a new key), or closed. */
function settle(form: HTMLFormElement, said: FormData): void {
  for (const key of all<HTMLInputElement>("[name=key]", form)) key.value = newest().dataset.key ?? "";
  if ("walkIn" in form.dataset) {
    const begun = empty(form, said);
    if (!begun) one<HTMLInputElement>("[name=name]", form).focus();
  } else if ("empties" in form.dataset) empty(form, said);
  else if (form.closest(".line-settings")) {
    form.closest("details")?.removeAttribute("open");
    one<HTMLInputElement>("[name=saw]", form).value = newest().dataset.settings ?? "";
  }
}

/** Empties the fields that are still as they were sent; whether a quick host has begun to fill in the next one. */
function empty(form: HTMLFormElement, said: FormData): boolean {
  const fields = all<HTMLInputElement | HTMLTextAreaElement>("input:not([type=hidden]), textarea", form);
  const begun = fields.filter((field) => field.value !== said.get(field.name));
  for (const field of fields) if (!begun.includes(field)) field.value = field.defaultValue;
  return begun.length > 0;
}

// ------------------------------------------------------------------------------------------------------------ each second
function tick(): void {
  const now = clock.now();
  runClocks(list(), now);
  watch.look(list());
  showWaiting();
  if (now >= Number(list().dataset.undoUntil ?? Infinity)) {
    one<HTMLButtonElement>("[data-undo-form] button", live).disabled = true;
    snack.newest(undefined);
  }
  live.classList.toggle("is-stale", freshness.offline);
  if (outgrown && !isTyping()) location.reload();
}

started();
