/** The join page: polls whether the line takes guests, and how many wait. */
import { all, json, one, write } from "../shared/dom";
import { showHours } from "../shared/hours";
import type { Patterns } from "../shared/labels";
import { Poll } from "../shared/polling";
import { type PublicLine, stateOf } from "../wall/view";
import { enableSteppers } from "./stepper";
import { followSize, showWaiting } from "./waiting";

const page = one("[data-join]");
const { join: rendered = "", snapshot = "", pollMs = "" } = page.dataset;
const patterns = json<Patterns>("labels");

enableSteppers();
if (rendered === "open") followSize(patterns);
takeCode();
addEventListener("hashchange", takeCode);
// Restored from the back-forward cache: must not offer a second place.
addEventListener("pageshow", (event) => event.persisted && location.reload());
new Poll({
  url: snapshot,
  options: { credentials: "omit" },
  // A guest who fills in the form does not read the numbers, and a long line is large.
  everyMs: Number(pollMs) * (rendered === "open" ? 3 : 1),
  onNews: async (answer) => {
    if (!answer.ok) throw new Error(`status ${answer.status}`);
    take((await answer.json()) as PublicLine);
  },
});

/** Closed, paused, full and over may end. A filled-in form stays, with the line's current state beside it. */
function take(line: PublicLine): void {
  const state = stateOf(line);
  if (line.eventName) write(one("h1 bdi"), line.eventName);
  showHours(line.hours);
  for (const reason of all("[data-reason]")) write(reason, line.pauseReason ?? "");
  if (rendered !== "open") {
    if (state !== rendered) location.reload();
    return;
  }
  for (const note of all("[data-now]")) note.hidden = note.dataset.now !== state;
  showWaiting(patterns, { ...line, waiting: line.queue.length });
  one("[data-wait]").hidden = state !== "open";
}

/** The wall's QR code brings its code along in the fragment: fills it in, and takes it out of the address. */
function takeCode(): void {
  const code = new URLSearchParams(location.hash.slice(1)).get("here");
  if (!code) return;
  history.replaceState(null, "", location.pathname + location.search);
  for (const field of all<HTMLInputElement>("[name=here]")) field.value = code;
}
