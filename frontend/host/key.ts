/**
 * A host's kept link. Opened on another device, its key is sent to the server and removed from the URL, where others could read it.
 * Where the link is shown, a button copies it.
 */
import { all } from "../shared/dom";

const KEY = "#key=";

/** Takes the key out of the address. On a page for strangers (the form is there) it is sent as if typed. */
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

/** Copies what the field holds. Pages on plain HTTP have no clipboard but the old one. */
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
    const said = button.parentElement?.querySelector<HTMLElement>("[data-copied]");
    if ((await copy(field)) && said) said.textContent = said.dataset.copied ?? "";
  });
}
addEventListener("hashchange", bring);
bring();
