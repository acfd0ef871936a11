/**
 * The voting page, which the server makes for everyone (decision 0070). A browser that may have voted takes the content of its own page
 * (data-own-url); to all others, strangers to the poll, the page and their own vote are all there is to show.
 *
 * A vote goes into the outbox (outbox.ts), which sends it until the server answers. This page shows its state (outcome.ts), also after
 * it was closed and reopened, and on an offline copy. It shows "Counted" only by the server's page or by a receipt.
 */
import { started } from "../shared/begin";

import { copiedAt } from "../shared/freshness";
import { keepPage } from "../shared/offline_copy";
import { uuid } from "../shared/uuid";
import { focusOn, prepareVoice } from "../shared/voice";
import { fits, limit, pick, picks } from "./ballotform";
import { idBeside } from "./nodes";
import { type Ballot, Outbox, SYNC_TAG } from "./outbox";
import { expectAnswer, openForm, page, pageAt, renew, showCounted, showPending, showRefused } from "./outcome";
import { follow } from "./results";
import { giveToken, hasBallot, keepsCookies, ownToken } from "./voter";

/** Background Sync, which some browsers lack. */
interface Syncing extends ServiceWorkerRegistration {
  sync?: { register(tag: string): Promise<void> };
}

const WAIT_OPEN_MS = 10_000;
// How long to wait for another tab or the worker that is sending the vote.
const OTHERS_MS = 2_000;

const poll = page().dataset.poll ?? "";
const bits = () => Number(page().dataset.work);
const is = (...states: string[]) => states.includes(page().dataset.vote ?? "");
const form = () => (is("form") ? page().querySelector<HTMLFormElement>("[data-ballot-form]") : null);

// Whether this browser has never voted in this poll, as far as anyone can know.
let stranger = false;
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
  if (stranger && ballot?.state === "counted" && page().dataset.unlocks === undefined) {
    showPending("", outbox.lasting);
    return tellCounted(outbox, ballot);
  }
  // The page for everyone says that the poll was closed; why else a vote was refused, this browser's own does.
  const said = stranger && ballot?.state === "refused" && (await fresh(outbox)) && !is("form");
  if (!said) {
    stranger = false;
    await fresh(outbox);
  }
  // Another tab received the answer and deleted the ballot: the server's page shows it.
  if (!ballot) return;
  showPending("", outbox.lasting);
  if (ballot.state === "counted") tellCounted(outbox, ballot);
  else await tellRefused(outbox, ballot);
}

/** Replaces the content by the server's current page. Resolves to whether it did. */
async function fresh(outbox: Outbox): Promise<boolean> {
  const taken = await renew(stranger);
  if (taken) {
    openForm();
    followAnew(outbox);
  }
  return taken;
}

const followAnew = (outbox: Outbox) => follow(document, () => changed(outbox));

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
  if (stranger || copiedAt()) return tellCounted(outbox, ballot);
  // A counted vote stays in the outbox until a page from the server shows it: a page may have been rendered before it was counted.
  const later = Number(now) > (ballot.receipt?.time ?? 0);
  if (own === ballot.id || (own && later)) return outbox.forget(ballot);
  if (!later) tellCounted(outbox, ballot); // at once: the network may be slow
  // A page fetched now decides: it shows the vote, or the vote was changed or the poll reset.
  if (!(await fresh(outbox))) tellCounted(outbox, ballot);
  else await outbox.forget(ballot);
}

/** Shows the receipt, and follows the result that comes with it. */
function tellCounted(outbox: Outbox, ballot: Ballot): void {
  if (showCounted(ballot)) followAnew(outbox);
}

/** Shows the reason; deletes the ballot once a visible page has shown it. */
async function tellRefused(outbox: Outbox, ballot: Ballot): Promise<void> {
  showRefused(ballot);
  if (!document.hidden) await outbox.forget(ballot);
}

/** The new ballot's id: of a poll on several nodes one that lies beside its voter, where the voter's token is known. */
function freshId(): string {
  const { by, shards, nodes } = page().dataset;
  const token = by === "token" && nodes ? ownToken() : undefined;
  return token ? idBeside(poll, token, { shards: Number(shards), nodes: Number(nodes) }) : uuid();
}

async function cast(outbox: Outbox): Promise<void> {
  const { url = "", epoch } = page().dataset;
  const code = page().querySelector<HTMLInputElement>("[name=code]")?.value.trim();
  const choices = picks(page());
  showPending("sending", outbox.lasting);
  const round = epoch ? { epoch: Number(epoch) } : {};
  await outbox.keep({ poll, url: `${url}/ballot`, choices, ...round, code, bits: bits(), id: freshId() });
  // Without Background Sync the vote is sent when the page is opened again.
  void navigator.serviceWorker?.ready.then((worker: Syncing) => worker.sync?.register(SYNC_TAG)).catch(() => {});
  await send(outbox, true);
}

/** Takes this browser's own page, if the server may know of a vote of it; then the form can be used. */
async function recognize(outbox: Outbox, ballot: Ballot | undefined): Promise<void> {
  const { by, code = "", personal, url = "" } = page().dataset;
  const known = ballot || by !== "token" || hasBallot(code, url);
  stranger = personal === undefined && !known;
  if (ballot?.state === "pending") {
    await send(outbox);
    let sent = await outbox.of(poll);
    // The answer may have been lost, or not stored.
    if (sent?.state === "pending" && (await fresh(outbox))) sent = await outbox.of(poll);
    if (sent && sent.id === page().dataset.own) await outbox.forget(sent);
    else if (sent?.state === "pending") showPending(sending ? "sending" : "waiting", outbox.lasting, sent);
  } else if (ballot) await greet(outbox, ballot);
  else if (!stranger) {
    if (personal === undefined && !is("draft", "early")) await fresh(outbox);
    // Another tab's vote may have been counted while this page was asked for, which had not its cookie yet.
    const other = await outbox.of(poll);
    if (other?.state === "counted") await greet(outbox, other);
    else if (is("voted")) await fresh(outbox);
  }
  openForm();
}

/** The page for everyone has no token for its form of languages: this browser's own page has one. */
async function chooseLanguage(sent: HTMLFormElement, button: HTMLElement | null): Promise<void> {
  const own = await pageAt(sent.dataset.tokenAt);
  const token = own?.querySelector("form [name=csrfmiddlewaretoken]");
  if (!token) return;
  delete sent.dataset.tokenAt;
  sent.append(token);
  sent.requestSubmit(button);
}

async function begin(): Promise<void> {
  prepareVoice();
  const notice = page().querySelector<HTMLElement>("[data-no-cookies]");
  const cookies = keepsCookies();
  if (notice) notice.hidden = cookies;
  if (cookies && ["token", "ticket"].includes(page().dataset.by ?? "")) giveToken();
  const opening = Outbox.open();
  follow(document, () => opening.then(changed));
  document.addEventListener("change", (event) => form() && limit(page(), event.target));
  document.addEventListener("submit", (event) => {
    const sent = event.target;
    if (!(sent instanceof HTMLFormElement)) return;
    if (sent.dataset.tokenAt) {
      event.preventDefault();
      return void chooseLanguage(sent, event.submitter);
    }
    if (sent !== form()) return;
    event.preventDefault();
    if (!fits(page())) return;
    if (notice && !cookies) return focusOn(notice);
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

  await recognize(outbox, await outbox.of(poll));
}

keepPage();
// From the back-forward cache: it may show a form whose vote is already cast.
addEventListener("pageshow", (event) => event.persisted && location.reload());
if (page().querySelector("[data-wait-open]"))
  setTimeout(() => location.reload(), WAIT_OPEN_MS * (0.8 + Math.random() * 0.4));
void begin();
started();
