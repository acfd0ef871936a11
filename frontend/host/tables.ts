/** The console's tables. Another line of the venue changes them without a new version of this one: they are fetched every few seconds. */
const PATIENCE_MS = 10_000;

/** Follows the tables within `root`; nothing is replaced while the host holds something (`held`) or works in them. */
export function followTables(root: ParentNode, held: () => boolean): void {
  const every = Number(shownIn(root)?.dataset.pollMs);
  if (every) setInterval(() => refresh(root, held).catch(() => undefined), every);
}

/** Fetches the tables and shows them. Rejects without a connection: the list says so. */
export async function refresh(root: ParentNode, held: () => boolean): Promise<void> {
  const url = shownIn(root)?.dataset.tables;
  if (!url || document.hidden) return;
  const signal = AbortSignal.timeout(PATIENCE_MS);
  const answer = await fetch(url, { headers: { "x-fragment": "1" }, cache: "no-store", signal });
  if (!answer.ok) return;
  const next = shownIn(new DOMParser().parseFromString(await answer.text(), "text/html"));
  const now = shownIn(root); // the list may have brought newer ones meanwhile
  if (!now || !next || Number(next.dataset.version) < Number(now.dataset.version)) return;
  if (held() || now.contains(document.activeElement) || now.querySelector("details[open]")) return;
  now.replaceWith(next);
}

const shownIn = (within: ParentNode) => within.querySelector<HTMLElement>("[data-tables]");
