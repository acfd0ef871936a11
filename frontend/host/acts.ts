/** Sends the console's forms to their commands without a reload, and says what came of it. What is not answered is kept (kept.ts). */
import { all, one } from "../shared/dom";
import { freshness } from "../shared/freshness";
import { sendForm, type Unsent, unsentOf } from "../shared/send";
import type { Access } from "./access";
import type { Pressed, Outcome as Told } from "./actions";
import { read } from "./board";
import type { Kept } from "./kept";
import { type News, PATIENCE_MS } from "./news";
import type { Outbox } from "./outbox";
import type { Snack } from "./snack";
import { Taps } from "./taps";

const KEPT = "Not sent: kept until the network is back.";
const OFFLINE = "No connection: that was not sent, and will not be. Press again when it is back.";
const NO_ANSWER = "No answer. The list will show whether that was done; it is not sent again by itself.";
// Buttons that are replaced, or whose meaning changes under the finger: a form that stays may be sent twice.
const GUARDED = ":is([data-part], [data-undo-form], [data-party-pane]) button:not([type=button])";

export interface Outcome {
  ok: boolean;
  /** What the host should read; empty when the list shows it. */
  text: string;
  /** Kept, and not sent yet. */
  pending?: boolean;
}

interface Hooks {
  kept: Promise<Kept>;
  news: News;
  snack: Snack;
  access: Access;
  /** A form was answered: whether its command was done. */
  answered: (form: HTMLFormElement, fields: FormData, ok: boolean) => void;
}

export class Acts {
  readonly #page: string;
  readonly #hooks: Hooks;
  readonly #taps = new Taps();
  readonly #sending = new Set<string>();
  // What is kept was said last: no longer true once all is sent.
  #saidKept = false;

  constructor(root: HTMLElement, hooks: Hooks) {
    this.#page = root.dataset.page ?? "";
    this.#hooks = hooks;
    document.addEventListener("click", (event) => {
      // A tap at another thing in between: the next one is meant.
      if (!(event.target as HTMLElement).closest(GUARDED)) this.#taps.forget();
      else if (this.#taps.repeats({ at: event.timeStamp, x: event.clientX, y: event.clientY })) event.preventDefault();
    });
    void hooks.kept.then(({ outbox }) =>
      outbox.onChange(() => {
        if (!this.#saidKept || outbox.pending.length) return;
        this.#saidKept = false;
        hooks.snack.away();
      }),
    );
    document.addEventListener("submit", (event) => void this.#submitted(event));
  }

  /** The address of a button. */
  url(action: string): string {
    return `${this.#page}/${action}`;
  }

  /** A form for a button that stands in no form. `values` by field. */
  fields(values: Record<string, string>): FormData {
    const fields = new FormData();
    fields.set("csrfmiddlewaretoken", one<HTMLInputElement>("[name=csrfmiddlewaretoken]").value);
    for (const [name, value] of Object.entries(values)) fields.set(name, value);
    return fields;
  }

  /** Sends a form to a command, and shows the new list. `quiet`: the caller says what came of it. */
  async act(url: string, fields: FormData, { quiet = false } = {}): Promise<Outcome> {
    const { outbox, pressed } = await this.#keptOf(url, fields);
    if (!pressed) return this.#post(url, fields, quiet);
    const before = this.#undoable();
    let posted: Outcome | undefined;
    const came = await outbox.send(pressed, async (id) => {
      fields.set("press", id);
      posted = await this.#post(url, fields, quiet, true);
      return !posted.pending;
    });
    if (came === "answered" && posted) return posted;
    const outcome = await this.#cameOf(came === "answered" ? undefined : came, before);
    const pending = Boolean(outcome.pending);
    if (outcome.text && !quiet) this.#hooks.snack.say(outcome.text, { wrong: !outcome.ok || pending });
    this.#saidKept = pending;
    return outcome;
  }

  /** One action for each of these parties, in one request; what came of each. */
  async several(action: string, parties: Record<string, string>[]): Promise<Outcome[]> {
    const url = this.url(action);
    const before = this.#undoable();
    const kept = await this.#hooks.kept;
    const pressed = parties.flatMap((party) => kept.pressed(url, this.fields(party)) ?? []);
    const came = await kept.outbox.sendAll(pressed);
    if (came.some(Boolean)) await this.#hooks.news.refresh().catch(() => freshness.troubled());
    return Promise.all(came.map((each) => this.#cameOf(each, before, true)));
  }

  async #keptOf(url: string, fields: FormData): Promise<{ outbox: Outbox; pressed: Pressed | undefined }> {
    const kept = await this.#hooks.kept;
    return { outbox: kept.outbox, pressed: kept.pressed(url, fields) };
  }

  #undoable(): number {
    return Number(this.#hooks.news.list.dataset.undo ?? 0);
  }

  /** What the outbox was told of an action: shows the list as it is since, and dismisses what is said now. */
  async #cameOf(came: Told | undefined, before: number, shown = false): Promise<Outcome> {
    const { news, kept } = this.#hooks;
    if (!came) {
      freshness.troubled();
      return { ok: true, pending: true, text: KEPT };
    }
    if (!shown) await news.refresh().catch(() => freshness.troubled());
    if (came.outcome === "refused") {
      await (await kept).outbox.drop(came.id);
      return { ok: false, text: came.text };
    }
    return { ok: true, text: came.text || this.#doneSince(news.newest, before) };
  }

  /** What was done last, if that is newer than `before`: "Seated #12." */
  #doneSince({ dataset }: HTMLElement, before: number): string {
    const { undo, done = "" } = dataset;
    return Number(undo ?? 0) > before ? `${done.charAt(0).toUpperCase()}${done.slice(1)}.` : "";
  }

  /** Sends the form itself. `kept`: without an answer it is kept, and its caller says so. */
  async #post(url: string, fields: FormData, quiet: boolean, kept = false): Promise<Outcome> {
    const { news, snack, access } = this.#hooks;
    const say = (text: string, wrong: boolean) => quiet || snack.say(text, { wrong });
    const failed = (text: string): Outcome => {
      say(text, true);
      return { ok: false, text };
    };
    const before = this.#undoable();
    let answer: Response;
    let unsent: Unsent | null;
    let html: string;
    try {
      answer = await sendForm(url + location.search, fields, AbortSignal.timeout(PATIENCE_MS));
      unsent = await unsentOf(answer); // before its text: a body is read once
      html = await answer.text();
    } catch {
      freshness.troubled();
      if (kept) return { ok: true, pending: true, text: KEPT };
      return failed(navigator.onLine ? NO_ANSWER : OFFLINE);
    }
    if (unsent) {
      access.ended(unsent);
      return failed(unsent.error);
    }
    const { board: next, text, wrong } = read(html);
    if (!next && kept) return { ok: true, pending: true, text: KEPT }; // not our server's answer
    if (!next) return failed("That did not work. Please try again.");
    access.back();
    news.take(next);
    const words = text || this.#doneSince(next.list, before);
    if (words) say(words, wrong);
    return { ok: answer.ok, text: words };
  }

  async #submitted(event: SubmitEvent): Promise<void> {
    const form = event.target as HTMLFormElement;
    const url = event.submitter?.getAttribute("formaction") ?? form.getAttribute("action") ?? "";
    if (!url.startsWith(`${this.#page}/`)) return;
    // It changes the whole page, e.g. its host token, or leads to another.
    if ("whole" in form.dataset || "whole" in (event.submitter?.dataset ?? {})) return;
    event.preventDefault();
    const fields = new FormData(form);
    const button = event.submitter as HTMLButtonElement | null;
    if (button?.name) fields.set(button.name, button.value);
    if ("empties" in form.dataset) fields.set("saw", this.#hooks.news.list.dataset.message ?? ""); // the message shown now
    const what = `${url} ${fields.get("party") ?? ""}`;
    if (this.#sending.has(what)) return; // a double tap is one tap
    this.#sending.add(what);
    button?.setAttribute("aria-busy", "true");
    try {
      const { ok } = await this.act(url, fields);
      if (ok) settle(form, fields, this.#hooks.news.newest);
      else this.#taps.forget();
      this.#hooks.answered(form, fields, ok);
    } finally {
      this.#sending.delete(what);
      button?.removeAttribute("aria-busy");
    }
  }
}

/** After a form beside the list was accepted: empties it and gives it a new idempotency key, and closes its pane. */
function settle(form: HTMLFormElement, fields: FormData, newest: HTMLElement): void {
  for (const key of all<HTMLInputElement>("[name=key]", form)) key.value = newest.dataset.key ?? "";
  const pane = form.closest<HTMLDetailsElement>("[data-pane]");
  if ("walkIn" in form.dataset || "empties" in form.dataset) {
    if (!empty(form, fields)) pane?.removeAttribute("open");
  } else if ("when" in form.dataset || "wait" in form.dataset) {
    for (const field of all<HTMLInputElement>("input:not([type=hidden])", form)) field.defaultValue = field.value;
    pane?.removeAttribute("open");
  } else if (form.closest(".line-settings")) {
    form.closest("details")?.removeAttribute("open");
    one<HTMLInputElement>("[name=saw]", form).value = newest.dataset.settings ?? "";
  }
}

/** Empties the fields that are unchanged since they were sent. Returns whether the host has begun to fill in the next one. */
function empty(form: HTMLFormElement, sent: FormData): boolean {
  const fields = all<HTMLInputElement | HTMLTextAreaElement>("input:not([type=hidden]), textarea", form);
  const begun = fields.filter((field) => field.value !== sent.get(field.name));
  for (const field of fields) if (!begun.includes(field)) field.value = field.defaultValue;
  form.dispatchEvent(new Event("emptied"));
  return begun.length > 0;
}
