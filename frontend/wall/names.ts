/** Names of called guests: only on a screen that a host opened, of a venue that wants it (queues/pages/called.py). */
const TIMEOUT_MS = 10_000;

export type Names = ReadonlyMap<number, string>;

/** By ticket, from the page's own address for them; none without one, and none for a browser that is no host's any more. */
export async function namesOf(url: string | undefined): Promise<Names> {
  if (!url) return new Map();
  const answer = await fetch(url, { cache: "no-store", signal: AbortSignal.timeout(TIMEOUT_MS) });
  if (!answer.ok) return new Map();
  const { names } = (await answer.json()) as { names: Record<string, string> };
  return new Map(Object.entries(names).map(([ticket, name]) => [Number(ticket), name]));
}
