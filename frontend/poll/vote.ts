/**
 * The voting page. A vote goes into the outbox (outbox.ts), which sends it until the server answers. This page shows its state
 * (outcome.ts), also after it was closed and reopened, and on an offline copy. It shows "Counted" only by the server's page or by a
 * receipt. Without cookies the form is submitted as without scripts, and the server's page says what is missing.
 */
import { started } from "../shared/begin";

import { one } from "../shared/dom";
import { copiedAt } from "../shared/freshness";
import { prepareVoice } from "../shared/voice";
import { fits, limit, pick, picks } from "./ballotform";
import { type Ballot, Outbox, SYNC_TAG } from "./outbox";
import { expectAnswer, page, renew, showCounted, showPending, showRefused } from "./outcome";
import { follow } from "./results";
import { prove } from "./work";

/** Background Sync, which some browsers lack. */
interface Syncing extends ServiceWorkerRegistration {
  sync?: { register(tag: string): Promise<void> };
}

const WAIT_OPEN_MS = 10_000;
// How long to wait for another tab or the worker that is sending the vote.
const OTHERS_MS = 2_000;

const poll = page().dataset.poll ?? "";
const bits = () => Number(page().dataset.work);
const form = () => page().querySelector<HTMLFormElement>("[data-ballot-form]");

let sending = false;
let timer: ReturnType<typeof setTimeout> | undefined;

/** Sends the pending vote, if there is one, and shows the outcome. `now`: the voter asks for it. */
async function send(outbox: Outbox, now = false): Promise<void> {
  const ballot = await outbox.of(poll);
  if (ballot?.state !== "pending" || sending) return;
  sending = true;
  clearTimeout(timer);
  let tried = false;
  const onBegin = () => {
    tried = true;
    showPending("sending", outbox.lasting, ballot);
  };
  const sent = await outbox.send(poll, { now, onBegin }).finally(() => {
    sending = false;
  });
  await show(outbox, sent, tried);
}

/** Shows the vote as the outbox has it, and sends it later if it is pending. `tried`: this page has just tried. */
async function show(outbox: Outbox, ballot: Ballot | undefined, tried = true): Promise<void> {
  clearTimeout(timer);
  if (ballot?.state === "pending") {
    showPending("waiting", outbox.lasting, ballot);
    const wait = Math.max(outbox.wait(ballot), tried ? 0 : OTHERS_MS * (0.8 + Math.random() * 0.4));
    timer = setTimeout(() => send(outbox), Math.ceil(wait));
    return;
  }
  await fresh(outbox);
  // Another tab received the answer and deleted the ballot: the server's page shows it.
  if (!ballot) return;
  showPending("", outbox.lasting);
  if (ballot.state === "counted") showCounted(ballot);
  else await tellRefused(outbox, ballot);
}

/** Replaces the content by the server's current page. Resolves to whether it did. */
async function fresh(outbox: Outbox): Promise<boolean> {
  const taken = await renew();
  if (taken) follow(document, () => changed(outbox));
  return taken;
}

/** The poll has changed since the page was rendered: closed, or reset. Rejects while the server does not answer. */
async function changed(outbox: Outbox): Promise<void> {
  const picked = form() ? picks(page()) : [];
  if (!(await fresh(outbox))) throw new Error("no page");
  if (form()) pick(page(), picked);
  const ballot = await outbox.of(poll);
  if (ballot?.state === "pending") showPending(sending ? "sending" : "waiting", outbox.lasting, ballot);
  else if (ballot) await greet(outbox, ballot);
}

/** When the page opens: shows a vote that has its answer, and deletes it once the server's page shows it. */
async function greet(outbox: Outbox, ballot: Ballot): Promise<void> {
  if (ballot.state === "refused") return tellRefused(outbox, ballot);
  const { own, now, epoch } = page().dataset;
  const round = ballot.receipt?.epoch ?? ballot.epoch;
  // Counted in an earlier round.
  if (round !== undefined && round < Number(epoch)) return outbox.forget(ballot);
  if (copiedAt()) return showCounted(ballot);
  // A counted vote stays in the outbox until a page from the server shows it: a page may have been rendered before it was counted.
  const later = Number(now) > (ballot.receipt?.time ?? 0);
  if (own === ballot.id || (own && later)) return outbox.forget(ballot);
  if (!later) showCounted(ballot); // at once: the network may be slow
  // A page fetched now decides: it shows the vote, or the vote was changed or the poll reset.
  if (!(await fresh(outbox))) showCounted(ballot);
  else if (page().dataset.own !== ballot.id) await outbox.forget(ballot);
}

/** Shows the reason; deletes the ballot once a visible page has shown it. */
async function tellRefused(outbox: Outbox, ballot: Ballot): Promise<void> {
  showRefused(ballot);
  if (!document.hidden) await outbox.forget(ballot);
}

async function cast(outbox: Outbox): Promise<void> {
  const { url = "", epoch } = page().dataset;
  const code = page().querySelector<HTMLInputElement>("[name=code]")?.value.trim();
  const choices = picks(page());
  showPending("sending", outbox.lasting);
  const round = epoch ? { epoch: Number(epoch) } : {};
  await outbox.keep({ poll, url: `${url}/ballot`, choices, ...round, code, bits: bits() });
  // Without Background Sync the vote is sent when the page is opened again.
  void navigator.serviceWorker?.ready.then((worker: Syncing) => worker.sync?.register(SYNC_TAG)).catch(() => {});
  await send(outbox, true);
}

/** Submits the form as without scripts, with the proof of work. */
async function submit(sent: HTMLFormElement): Promise<void> {
  const work = sent.querySelector<HTMLInputElement>("[name=work]");
  const ballot = one<HTMLInputElement>("[name=ballot]", sent).value;
  if (work) work.value = String(await prove(poll, ballot, bits()));
  sent.submit();
}

/** Whether this browser keeps cookies: sets one and deletes it. */
function keepsCookies(): boolean {
  try {
    // biome-ignore lint/suspicious/noDocumentCookie: the Cookie Store API is not everywhere
    document.cookie = "kept=1; Path=/; SameSite=Lax; Max-Age=60";
    const kept = /(^|; )kept=1/.test(document.cookie);
    // biome-ignore lint/suspicious/noDocumentCookie: as above
    document.cookie = "kept=; Path=/; SameSite=Lax; Max-Age=0";
    return kept;
  } catch {
    return false;
  }
}

async function begin(): Promise<void> {
  prepareVoice();
  const notice = page().querySelector<HTMLElement>("[data-no-cookies]");
  const cookies = !notice || keepsCookies();
  if (notice) notice.hidden = cookies;
  const opening = Outbox.open();
  follow(document, () => opening.then(changed));
  document.addEventListener("change", (event) => form() && limit(page(), event.target));
  document.addEventListener("submit", (event) => {
    const sent = event.target;
    if (sent !== form() || !(sent instanceof HTMLFormElement)) return;
    event.preventDefault();
    if (!fits(page())) return;
    if (!cookies) return void submit(sent);
    expectAnswer();
    // A tap before the storage is open waits for it.
    showPending("sending", true);
    void opening.then(cast);
  });
  const outbox = await opening;
  document.addEventListener("click", (event) => {
    if (!(event.target instanceof Element) || !event.target.closest("[data-now]")) return;
    expectAnswer();
    void send(outbox, true);
  });
  outbox.onNews(async (news) => news === poll && !sending && show(outbox, await outbox.of(poll)));
  addEventListener("online", () => send(outbox));
  document.addEventListener("visibilitychange", () => document.hidden || send(outbox));

  const ballot = await outbox.of(poll);
  if (ballot?.state === "pending") {
    // The answer was lost, but the server's page shows this ballot.
    if (ballot.id === page().dataset.own) await outbox.forget(ballot);
    else await send(outbox);
  } else if (ballot) await greet(outbox, ballot);
  // Another tab's vote may have been counted while this page loaded, which had not its cookie yet.
  else if (page().dataset.vote === "voted") await fresh(outbox);
}

// From the back-forward cache: it may show a form whose vote is already cast.
addEventListener("pageshow", (event) => event.persisted && location.reload());
if (page().querySelector("[data-wait-open]"))
  setTimeout(() => location.reload(), WAIT_OPEN_MS * (0.8 + Math.random() * 0.4));
void begin();
started();
