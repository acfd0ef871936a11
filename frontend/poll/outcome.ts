/** The state of a vote on the page: pending, counted, refused. Each is shown and announced once. */
import { all, json, one, write } from "../shared/dom";
import { isFresh } from "../shared/offline_copy";
import { localTimes } from "../shared/times";
import { focusIsLost, focusOn, say } from "../shared/voice";
import { pick } from "./ballotform";
import type { Ballot } from "./outbox";

const PAGE_TIMEOUT_MS = 10_000;

export type How = "sending" | "waiting" | "";

export const page = (): HTMLElement => one("[data-vote]");

let shown = "";
let pending = false;
// How many pages were asked for, and which of them is shown.
let asks = 0;
let taken = 0;
// The voter pressed a button, or had the focus in content that is replaced: the focus moves to the answer.
let asked = false;

/** The voter votes, or tries again. */
export function expectAnswer(): void {
  asked = true;
}

/** Lets the form be used. The page for everyone comes with a closed one, until it is known whether this browser has voted. */
export function openForm(): void {
  for (const fields of all<HTMLFieldSetElement>("[data-fields]", page())) fields.disabled = pending;
  for (const button of all<HTMLButtonElement>("[data-send]", page())) button.disabled = false;
}

function turnTo(node: HTMLElement): void {
  if (asked && focusIsLost()) focusOn(node);
}

/** Shows the state of a pending vote; "" hides it. `lasting`: the vote outlives this page. */
export function showPending(how: How, lasting: boolean, ballot?: Ballot): void {
  const state = `${how} ${lasting} ${ballot?.id ?? ""}`;
  if (state === shown) return;
  shown = state;
  pending = Boolean(how);
  const box = one("[data-pending]", page());
  box.hidden = !how;
  one("[data-sending]", box).hidden = how !== "sending";
  for (const node of all("[data-waiting], [data-later]", box)) node.hidden = how !== "waiting";
  for (const node of all("[data-lasting]", box)) node.hidden = !lasting;
  for (const node of all("[data-fleeting]", box)) node.hidden = lasting;
  const fields = page().querySelector<HTMLFieldSetElement>("[data-fields]");
  if (fields) {
    if (ballot && how) fill(ballot);
    fields.disabled = Boolean(how);
    one("[data-send]", page()).hidden = Boolean(how);
  }
  if (!how) return;
  turnTo(box);
  if (how === "waiting") asked = false;
}

/** Puts a vote back into the form. */
export function fill({ choices, code }: Ballot): void {
  pick(page(), choices);
  const typed = page().querySelector<HTMLInputElement>("[name=code]");
  if (typed && code) typed.value = code;
}

/** Shows a counted vote from its receipt, unless the page shows it already. Returns whether it changed the page. */
export function showCounted({ choices, receipt }: Ballot): boolean {
  const card = one("[data-receipt]", page());
  const news = receipt && !(page().dataset.vote === "counted" && page().dataset.own === receipt.ballotId);
  if (news) {
    const names = json<string[]>("choices");
    const own = choices.flatMap((number) => [", ", picked(names[number] ?? "")]).slice(1);
    one("[data-picks]", card).replaceChildren(...own);
    one<HTMLTimeElement>("time", card).dateTime = new Date(receipt.time).toISOString();
    write(one("[data-ballot-id]", card), receipt.ballotId);
    write(one("[data-seal]", card), receipt.seal);
    localTimes(card);
    card.hidden = false;
    for (const rest of all("[data-instead]", page())) rest.hidden = true;
    for (const result of all("[data-with-receipt]", page())) result.hidden = false;
    Object.assign(page().dataset, { vote: "counted", own: receipt.ballotId });
    document.title = `${one("h1").textContent} · ${one("h2", card).textContent}`;
  }
  const heading = one("h2", card);
  // Announced here: the card is no live region.
  say(`${heading.textContent}: ${one("[data-picks]", card).textContent}`);
  turnTo(heading);
  asked = false;
  return Boolean(news);
}

function picked(text: string): HTMLElement {
  const node = document.createElement("bdi");
  node.className = "own-pick";
  node.textContent = text;
  return node;
}

/** Shows why a vote was not counted. */
export function showRefused(ballot: Ballot): void {
  const notice = one("[data-refusal]", page());
  write(one("[data-reason]", notice), ballot.problem ?? "");
  notice.hidden = false;
  fill(ballot);
  turnTo(notice);
  asked = false;
}

/** The server's current page; undefined without an answer. */
export async function pageAt(url = ""): Promise<Document | undefined> {
  try {
    const signal = AbortSignal.timeout(PAGE_TIMEOUT_MS);
    // With this Accept header the worker caches it as a page.
    const answer = await fetch(url, { headers: { accept: "text/html" }, signal });
    const next = new DOMParser().parseFromString(await answer.text(), "text/html");
    return answer.ok && !next.documentElement.dataset.kept && next.querySelector("[data-vote]") ? next : undefined;
  } catch {
    return undefined;
  }
}

/**
 * Replaces the content by the server's current page: the one for everyone, or that of this browser. Resolves to whether it did; without
 * an answer this one stays.
 */
export async function renew(forEveryone: boolean): Promise<boolean> {
  const { url, ownUrl } = page().dataset;
  asks += 1;
  const turn = asks;
  const next = await pageAt(forEveryone ? url : ownUrl);
  if (!next) return false;
  // One that was asked for later is here already.
  if (turn < taken) return true;
  taken = turn;
  const main = one("main");
  // The focus was in the content that is replaced.
  if (main.contains(document.activeElement)) asked = true;
  const round = page().dataset.epoch;
  const had = page().dataset.vote;
  main.replaceWith(one("main", next));
  document.title = next.title;
  shown = "";
  pending = false;
  isFresh();
  scrollTo(0, 0);
  if (page().dataset.epoch !== round && had !== "form") showRound();
  return true;
}

/** Shows that the host has started the poll again: the vote on this page no longer counts. */
function showRound(): void {
  const notice = one("[data-new-round]", page());
  notice.hidden = false;
  turnTo(notice);
  asked = false;
}
