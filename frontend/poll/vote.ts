/**
 * The voting page. A vote goes into the outbox (outbox.ts) and from there to the server, until the server says what became of it;
 * this page shows how far it is, also after it was closed, and on a copy of it that the phone has kept. "Counted" is said
 * only by the server's page, or by the receipt it gave. Without an outbox the form is sent as it is without scripts.
 */
import { all, json, one, write } from "../shared/dom";
import { isFresh, keptAt } from "../shared/kept";
import { localTimes } from "../shared/words";
import { type Ballot, Outbox, SYNC_TAG } from "./outbox";
import { follow } from "./results";
import { prove } from "./work";

/** What only some browsers have. */
interface Syncing extends ServiceWorkerRegistration {
  sync?: { register(tag: string): Promise<void> };
}

const WAIT_OPEN_MS = 10_000;
const PAGE_TIMEOUT_MS = 10_000;

let page = one("[data-vote]");
let sending = false;
let timer: ReturnType<typeof setTimeout> | undefined;

const poll = page.dataset.poll ?? "";
const bits = () => Number(page.dataset.work);
const texts = () => json<string[]>("choices");
const form = () => page.querySelector<HTMLFormElement>("[data-ballot-form]");
const inputs = () => all<HTMLInputElement>("[name=choices]", page);
const codeOf = () => page.querySelector<HTMLInputElement>("[name=code]");

/** Sends the pending vote, if there is one, and shows what became of it. */
async function send(outbox: Outbox): Promise<void> {
  const ballot = await outbox.of(poll);
  if (ballot?.state !== "pending" || sending) return;
  sending = true;
  clearTimeout(timer);
  showPending(ballot, "sending");
  const sent = await outbox.send(poll).finally(() => {
    sending = false;
  });
  await show(outbox, sent);
}

/** Shows the vote as the outbox has it. */
async function show(outbox: Outbox, ballot: Ballot | undefined): Promise<void> {
  clearTimeout(timer);
  // Another tab has heard the answer and thrown the ballot away: the server's page knows it.
  if (!ballot) {
    await renew();
    return;
  }
  if (ballot.state === "pending") {
    showPending(ballot, "waiting");
    timer = setTimeout(() => send(outbox), Math.max(ballot.next - Date.now(), 0));
    return;
  }
  await renew();
  showPending(ballot, "");
  if (ballot.state === "counted") showCounted(ballot);
  else await showRefused(outbox, ballot);
}

/** Takes the server's page in place of this one; when it cannot be had, this one stays. Whether it was taken. */
async function renew(): Promise<boolean> {
  try {
    const signal = AbortSignal.timeout(PAGE_TIMEOUT_MS);
    // Asked for as a page, the worker keeps it.
    const answer = await fetch(one("[data-vote]").dataset.url ?? "", { headers: { accept: "text/html" }, signal });
    const next = new DOMParser().parseFromString(await answer.text(), "text/html");
    if (!answer.ok || next.documentElement.dataset.kept || !next.querySelector("[data-vote]")) return false;
    one("main").replaceWith(one("main", next));
    document.title = next.title;
  } catch {
    return false;
  }
  page = one("[data-vote]");
  isFresh();
  scrollTo(0, 0);
  follow(page);
  return true;
}

function showPending(ballot: Ballot, how: "sending" | "waiting" | ""): void {
  one("[data-pending]", page).hidden = !how;
  one("[data-sending]", page).hidden = how !== "sending";
  one("[data-waiting]", page).hidden = how !== "waiting";
  const fields = page.querySelector<HTMLFieldSetElement>("[data-fields]");
  if (!fields) return;
  if (how) pick(ballot);
  fields.disabled = Boolean(how);
  one("[data-send]", page).hidden = Boolean(how);
}

function pick({ choices, code }: Ballot): void {
  for (const input of inputs()) input.checked = choices.includes(Number(input.value));
  const typed = codeOf();
  if (typed && code) typed.value = code;
}

/** The server's page knows of it; else the receipt speaks for itself. */
function showCounted({ choices, receipt }: Ballot): void {
  if (!receipt || (page.dataset.vote === "counted" && page.dataset.own === receipt.ballotId)) return;
  const card = one("[data-receipt]", page);
  const names = texts();
  const picks = choices.flatMap((number) => [", ", picked(names[number] ?? "")]).slice(1);
  one("[data-picks]", card).replaceChildren(...picks);
  one<HTMLTimeElement>("time", card).dateTime = new Date(receipt.time).toISOString();
  write(one("[data-ballot-id]", card), receipt.ballotId);
  write(one("[data-seal]", card), receipt.seal);
  localTimes(card);
  card.hidden = false;
  for (const rest of all("[data-instead]", page)) rest.hidden = true;
}

/**
 * A counted vote is found by a page that was just opened. It stays in the outbox until a page has come that knows of it, for
 * others may be on their way that were made before it was counted.
 */
async function greet(outbox: Outbox, ballot: Ballot): Promise<void> {
  const { own, now } = page.dataset;
  if (keptAt()) return showCounted(ballot);
  const later = Number(now) > (ballot.receipt?.time ?? 0);
  if (own === ballot.id || (own && later)) return outbox.forget(ballot);
  if (!later) showCounted(ballot); // at once, for the network may be slow
  // A page made as the vote was counted may not know of it yet. One that is asked for now says better: changed, or thrown away.
  if (!(await renew())) showCounted(ballot);
  else if (page.dataset.own !== ballot.id) await outbox.forget(ballot);
}

function picked(text: string): HTMLElement {
  const node = document.createElement("bdi");
  node.className = "own-pick";
  node.textContent = text;
  return node;
}

/** Says why, once: when somebody looks. */
async function showRefused(outbox: Outbox, ballot: Ballot): Promise<void> {
  const notice = one("[data-refusal]", page);
  const problem = ballot.problem ?? "";
  write(one("[data-reason]", notice), json<Record<string, string>>("refusals")[problem] ?? problem);
  notice.hidden = false;
  pick(ballot);
  if (!document.hidden) await outbox.forget(ballot);
}

/** How many may be picked is said by the page; a vote that breaks it does not go out. */
function fits(choices: number[]): boolean {
  const [first] = inputs();
  const fields = one("[data-fields]", page);
  const wrong = choices.length < Number(fields.dataset.least) || choices.length > Number(fields.dataset.most);
  first?.setCustomValidity(wrong ? (one("legend", fields).textContent ?? "") : "");
  return first?.reportValidity() ?? true;
}

async function cast(outbox: Outbox, sent: HTMLFormElement): Promise<void> {
  const choices = inputs().flatMap((input) => (input.checked ? [Number(input.value)] : []));
  if (!fits(choices)) return;
  const { url = "" } = page.dataset;
  try {
    await outbox.keep({ poll, url: `${url}/ballot`, choices, code: codeOf()?.value.trim(), bits: bits() });
  } catch {
    await submit(sent); // the storage is full
    return;
  }
  // Where there is no Background Sync, opening the page again does it.
  void navigator.serviceWorker?.ready.then((worker: Syncing) => worker.sync?.register(SYNC_TAG)).catch(() => {});
  await send(outbox);
}

/** Sends the form itself, as it goes without this script but for the work. */
async function submit(sent: HTMLFormElement): Promise<void> {
  const work = sent.querySelector<HTMLInputElement>("[name=work]");
  const ballot = one<HTMLInputElement>("[name=ballot]", sent).value;
  if (work) work.value = String(await prove(poll, ballot, bits()));
  sent.submit();
}

async function begin(): Promise<void> {
  const opening = Outbox.open();
  document.addEventListener("submit", (event) => {
    const sent = event.target;
    if (sent !== form() || !(sent instanceof HTMLFormElement)) return;
    event.preventDefault();
    // A quick tap waits for the storage; where there is none, the form goes as it does without this script.
    void opening.then(
      (outbox) => cast(outbox, sent),
      () => submit(sent),
    );
  });
  const outbox = await opening;
  document.addEventListener("change", () => inputs()[0]?.setCustomValidity(""));
  document.addEventListener("click", (event) => {
    if (event.target instanceof Element && event.target.closest("[data-now]")) void send(outbox);
  });
  outbox.onNews(async (changed) => changed === poll && !sending && show(outbox, await outbox.of(poll)));
  addEventListener("online", () => send(outbox));
  document.addEventListener("visibilitychange", () => document.hidden || send(outbox));

  const ballot = await outbox.of(poll);
  if (ballot?.state === "pending") {
    // The answer was lost, but the server's page knows this ballot.
    if (ballot.id === page.dataset.own) await outbox.forget(ballot);
    else await send(outbox);
  } else if (ballot?.state === "counted") await greet(outbox, ballot);
  else if (ballot) await showRefused(outbox, ballot);
  // Another tab's vote may have been counted while this page was on its way, without the proof that the answer to it brought.
  else if (page.dataset.vote === "voted") await renew();
}

// Back from another page: the browser's memory may show a form whose vote is in.
addEventListener("pageshow", (event) => event.persisted && location.reload());
if (page.querySelector("[data-wait-open]"))
  setTimeout(() => location.reload(), WAIT_OPEN_MS * (0.8 + Math.random() * 0.4));
// Without an outbox the form works as it does without this script.
begin().catch(() => {});
