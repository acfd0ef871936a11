/** Notices on a ticket: the host's message to all, one to this guest alone, why no new guests may join. */
import { one, write } from "../shared/dom";

/** Shows a notice with this text; hides it without a text, or where it does not matter any more. */
export function showNotice(which: "message" | "own-message" | "pause", text: string, matters: boolean): void {
  const note = one(`[data-${which}]`);
  write(one("bdi", note), text);
  note.hidden = !text || !matters;
}
