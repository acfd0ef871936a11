/**
 * A host's kept link. Opened on another device, its key is sent to the server and removed from the URL, where others could read it.
 * Where the link is shown, a button copies it.
 */
import { all } from "../shared/dom";

const KEY = "#key=";

/** Removes the key from the URL. A page with the form for it (not yet a host) submits the key. */
function bring(): void {
  if (!location.hash.startsWith(KEY)) return;
  const key = location.hash.slice(KEY.length);
  history.replaceState(history.state, "", location.pathname + location.search);
  for (const form of all<HTMLFormElement>("[data-host-key]")) {
    const field = form.elements.namedItem("key") as HTMLInputElement;
    field.value = key;
    form.requestSubmit();
  }
}

/** Copies the field's text. On plain HTTP only the old clipboard command exists. */
async function copy(field: HTMLInputElement): Promise<boolean> {
  field.select();
  try {
    await navigator.clipboard.writeText(field.value);
    return true;
  } catch {
    return document.execCommand("copy");
  }
}

for (const button of all("[data-copy]")) {
  const field = button.parentElement?.querySelector<HTMLInputElement>("[data-link]");
  if (!field) continue;
  button.hidden = false;
  button.addEventListener("click", async () => {
    const note = button.parentElement?.querySelector<HTMLElement>("[data-copied]");
    if ((await copy(field)) && note) note.textContent = note.dataset.copied ?? "";
  });
}
addEventListener("hashchange", bring);
bring();
