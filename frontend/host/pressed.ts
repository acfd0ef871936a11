/** What a button's form says, as the outbox keeps it. */
import type { Pressed } from "./actions";

// These change what the whole page is about, or end it: they are done with a network, or not at all.
const WITH_NETWORK = new Set(["settings", "close"]);
const NOT_KEPT = new Set(["csrfmiddlewaretoken", "key", "party", "saw"]);

/** The name of the button with this address if a tablet keeps its action; else undefined. */
export function keptAction(url: string): string | undefined {
  const name = new URL(url, location.href).pathname.split("/").at(-1) ?? "";
  return WITH_NETWORK.has(name) ? undefined : name;
}

interface Page {
  /** The version of the list that is shown. */
  version: number;
  /** The server's time, ms since 1970. */
  now: number;
  /** How the page names the party: "#12 Ana". */
  nameOf: (party: string) => string | undefined;
}

/** The form's action; several, if it is about several parties. */
export function pressedOf(action: string, form: FormData, { version, now, nameOf }: Page): Pressed[] {
  const fields: Record<string, string> = {};
  // Of several tables the numbers are joined, as the form itself writes those that stand together.
  for (const [name, value] of form)
    if (!NOT_KEPT.has(name)) fields[name] = name in fields ? `${fields[name]}-${value}` : String(value);
  const parties = form.getAll("party").map(String).filter(Boolean);
  const saw = String(form.get("saw") ?? "");
  return (parties.length ? parties : [undefined]).map((party) => ({
    ...{ action, party, saw, version, pressedAt: now, fields },
    what: [inWords(action), party === undefined ? fields.name : nameOf(party)].filter(Boolean).join(" "),
  }));
}

/** "call-again" as "Call again". */
export function inWords(action: string): string {
  const text = action.replaceAll("-", " ");
  return text.charAt(0).toUpperCase() + text.slice(1);
}
