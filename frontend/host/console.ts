/**
 * The host's console. The server renders the list; this script fetches it when the line has a new version, submits the buttons'
 * forms without a reload, and runs the clocks. It queues nothing for later.
 */
import { started } from "../shared/begin";

import { type Instant, instant, ServerClock } from "../shared/clock";
import { all, one, write } from "../shared/dom";
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
import { Sounds } from "./sounds";
import { Taps } from "./taps";

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
const sounds = new Sounds();
const access = new Access();
const proof = { "x-host-auth": hostAuth };
const sending = new Set<string>();
// After the click event: replacing a pressed button would cancel its click.
const press = new Press(root, () => setTimeout(showWaiting));

let waiting: Board | undefined; // a list that arrived during a drag or a press
let refused = false; // the server answers, but not with the list
let outgrown = false; // the forms beside the list are for another state of the line

new Follow({
  url: `/api/queue/${code}/versions`,
  poll: {
    url: `/api/queue/${code}/console`,
    // HEAD tells whether there is a new version; the list itself is fetched rendered.
    options: { method: "HEAD", headers: proof, credentials: "omit" },
    everyMs: Number(pollMs),
    onNews: async (answer) => {
      // The token has ended: fetches a new one, or shows what to do. Typed text stays.
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
const { text, wrong } = takeMessages(list());
if (text) snack.say(text, { wrong });
freshness.follow({
  limitMs: () => STALE_AFTER_MS,
  situation: () => (refused ? "refused" : waiting ? "held" : ""),
});
clock.keepRight(refresh);
setInterval(tick, 1000);
for (const event of ["visibilitychange", "resume"]) document.addEventListener(event, look);
addEventListener("pageshow", (event) => event.persisted && look());
tick();

/** Refreshes at once when the page is visible again: browsers stop timers and connections of hidden pages. */
function look(): void {
  if (!document.hidden) refresh().catch(() => freshness.troubled());
}

/** The server has confirmed that the shown list is the newest. */
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

/** The page's host token has ended: takes a new one from the page, fetched again. */
async function renewProof(): Promise<void> {
  const page = await fetch(location.href, { cache: "no-store", signal: AbortSignal.timeout(PATIENCE_MS) });
  const parsed = new DOMParser().parseFromString(await page.text(), "text/html");
  const fresh = parsed.querySelector<HTMLElement>("[data-console]")?.dataset.hostAuth;
  if (fresh) proof["x-host-auth"] = fresh;
}

/**
 * Shows a newly rendered list, unless a newer one is shown. It waits while the host drags a row or presses a button, since
 * replacing a pressed button would cancel its click.
 */
function take(next: Board): void {
  const { dataset } = next.list;
  if (Number(dataset.version) < version()) return;
  // The forms for walk-ins and for closing depend on this, and they are outside the list.
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
  const { undo, done, full, name = "" } = next.list.dataset;
  write(one("h1 bdi"), name);
  snack.newest(undo, done);
  for (const button of all("[data-over-capacity]")) button.hidden = full !== "1";
  tick();
}

// Fields that the host has changed. Browsers rewrite times, so a value that differs from its default is not proof of typing.
const touched = new Set<HTMLInputElement>();
root.addEventListener("input", (event) => touched.add(event.target as HTMLInputElement));

/** Whether a field holds typed text that was not sent. */
const isTyping = (): boolean =>
  [...touched].some(
    (field) => field.isConnected && (field.value !== field.defaultValue || field.checked !== field.defaultChecked),
  );

// ------------------------------------------------------------------------------------------------------------- acting
/** Sends a form to a command and shows the outcome. Resolves to whether the command was done. */
async function act(url: string, fields: FormData): Promise<boolean> {
  const before = Number(list().dataset.undo ?? 0);
  let answer: Response;
  let unsent: Unsent | null;
  let html: string;
  try {
    const signal = AbortSignal.timeout(PATIENCE_MS);
    answer = await sendForm(url + location.search, fields, signal);
    unsent = await unsentOf(answer); // before its text: a body is read once
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
  const { board: next, text, wrong } = read(html);
  if (!next) {
    snack.say("That did not work. Please try again.", { wrong: true });
    return false;
  }
  access.back();
  // Looked up again: the list may have been replaced since. After a refusal the row stays open with the typed text, and `told`
  // marks that the host knows the present state.
  const details = rowOf(live, String(fields.get("party")))?.querySelector("details");
  if (answer.ok) details?.removeAttribute("open");
  else if (details) details.dataset.told = "";
  take(next);
  const { undo, done = "" } = next.list.dataset;
  if (wrong || text) snack.say(text, { wrong, version: wrong || Number(undo) <= before ? undefined : undo });
  else if (Number(undo ?? 0) > before) snack.say(`${done.charAt(0).toUpperCase()}${done.slice(1)}.`, { version: undo });
  return answer.ok;
}

async function send(move: Move): Promise<boolean> {
  const fields = new FormData();
  fields.set("csrfmiddlewaretoken", one<HTMLInputElement>("[name=csrfmiddlewaretoken]", root).value);
  fields.set("party", move.party);
  fields.set("place", String(move.place));
  fields.set("behind", move.behind);
  fields.set("saw", "waiting");
  const done = await act(root.dataset.move ?? "", fields);
  // Not done: the row goes back to where the server has it.
  if (!done) await refresh().catch(() => undoMark(move.party));
  return done;
}

/** No answer: puts the rows back as the server last had them, and unmarks the moved one. */
function undoMark(party: string): void {
  restore(live);
  const row = rowOf(live, party);
  row?.classList.remove("is-moving");
  if (row) one("[data-moving]", row).hidden = true;
}

for (const place of [root, one("[data-snack]")]) {
  place.addEventListener("click", (event) => {
    // Only buttons that are replaced: a form beside the list stays, and may be sent twice.
    const button = (event.target as HTMLElement).closest(
      ":is([data-live], [data-past], [data-snack]) button:not([type=button])",
    );
    if (button && taps.repeats({ at: event.timeStamp, x: event.clientX, y: event.clientY })) event.preventDefault();
  });
}

document.addEventListener("submit", async (event) => {
  const form = event.target as HTMLFormElement;
  if (!root.contains(form) && !form.closest("[data-snack]")) return;
  // It changes the whole page, e.g. its host token, or leads to another.
  if ("whole" in form.dataset || "whole" in (event.submitter?.dataset ?? {})) return;
  event.preventDefault();
  const url = event.submitter?.getAttribute("formaction") ?? form.getAttribute("action") ?? "";
  const fields = new FormData(form);
  const button = event.submitter as HTMLButtonElement | null;
  if (button?.name) fields.set(button.name, button.value);
  if ("empties" in form.dataset) fields.set("saw", list().dataset.message ?? ""); // the message shown now
  const what = `${url} ${fields.get("party") ?? ""}`;
  if (sending.has(what)) return; // a double tap is one tap
  sending.add(what);
  button?.setAttribute("aria-busy", "true");
  try {
    if (await act(url, fields)) settle(form, fields);
    else taps.forget();
  } finally {
    sending.delete(what);
    button?.removeAttribute("aria-busy");
  }
});

/** After a form beside the list was accepted: empties it and gives it a new idempotency key, or closes it. */
function settle(form: HTMLFormElement, fields: FormData): void {
  for (const key of all<HTMLInputElement>("[name=key]", form)) key.value = newest().dataset.key ?? "";
  if ("walkIn" in form.dataset) {
    const begun = empty(form, fields);
    if (!begun) one<HTMLInputElement>("[name=name]", form).focus();
  } else if ("empties" in form.dataset) empty(form, fields);
  else if (form.closest(".line-settings")) {
    form.closest("details")?.removeAttribute("open");
    one<HTMLInputElement>("[name=saw]", form).value = newest().dataset.settings ?? "";
  }
}

/** Empties the fields that are unchanged since they were sent. Returns whether the host has begun to fill in the next one. */
function empty(form: HTMLFormElement, sent: FormData): boolean {
  const fields = all<HTMLInputElement | HTMLTextAreaElement>("input:not([type=hidden]), textarea", form);
  const begun = fields.filter((field) => field.value !== sent.get(field.name));
  for (const field of fields) if (!begun.includes(field)) field.value = field.defaultValue;
  return begun.length > 0;
}

// ------------------------------------------------------------------------------------------------------------ each second
function tick(): void {
  const now = clock.now();
  runClocks(list(), now);
  sounds.look(list());
  showWaiting();
  if (now >= Number(list().dataset.undoUntil ?? Infinity)) {
    one<HTMLButtonElement>("[data-undo-form] button", live).disabled = true;
    snack.newest(undefined);
  }
  live.classList.toggle("is-stale", freshness.offline);
  if (outgrown && !isTyping()) location.reload();
}

started();
