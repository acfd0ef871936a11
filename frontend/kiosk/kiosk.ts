/**
 * The tablet at the door: sends a guest's form by script, so that the browser's history keeps nothing of it, and says when there is
 * no connection. What a guest has typed and left is forgotten after a minute.
 */
import "../shared/begin";
import { enableSteppers } from "../guest/stepper";
import { followSize, showWaiting } from "../guest/waiting";
import { started } from "../shared/begin";
import { json, one } from "../shared/dom";
import type { Patterns } from "../shared/labels";
import { sendForm } from "../shared/send";
import { watchLines } from "../shared/venue_lines";
import { goOn } from "./next";

const LEFT_AFTER_MS = 60_000;

const page = one("[data-next]");
const { next = "" } = page.dataset;
const form = document.querySelector<HTMLFormElement>("[data-join]");
const offline = one("[data-offline]");
const patterns = json<Patterns>("labels");
let typing = false;
let left: ReturnType<typeof setTimeout> | undefined;

enableSteppers();
if (form) followSize(patterns, form.closest("[data-code]") ?? document);
addEventListener("pageshow", (event) => event.persisted && goOn(next));
watchLines({
  show: (line, card) => showWaiting(patterns, line, card),
  mayLoad: () => !typing,
  onSeen: () => (offline.hidden = true),
  onTrouble: () => (offline.hidden = false),
});

/** A guest uses the form: the page keeps it, and clears it a minute after the last touch. */
function touched(): void {
  typing = true;
  clearTimeout(left);
  left = setTimeout(() => goOn(next), LEFT_AFTER_MS);
}

async function join(sent: HTMLFormElement): Promise<void> {
  const wrong = one("[data-wrong]", sent);
  const button = one<HTMLButtonElement>("button:not([type=button])", sent);
  wrong.hidden = button.disabled = true;
  try {
    const answer = await sendForm(sent.action, new FormData(sent));
    const said = (await answer.json()) as { next?: string; error?: string };
    if (answer.ok && said.next) return location.replace(said.next);
    wrong.textContent = said.error ?? "";
  } catch {
    wrong.textContent = wrong.dataset.lost ?? "";
  }
  wrong.hidden = button.disabled = false;
  touched();
}

if (form) {
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    clearTimeout(left);
    void join(form);
  });
  for (const event of ["input", "click"]) form.addEventListener(event, touched);
}
started();
