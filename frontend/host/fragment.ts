/** A part of a page, as the server draws it: parsed. Rejects without a connection, and for an answer that is no page. */
export async function fragment(url: string, signal?: AbortSignal): Promise<Document> {
  const answer = await fetch(url, { headers: { "x-fragment": "1" }, cache: "no-store", ...(signal && { signal }) });
  if (!answer.ok) throw new Error(String(answer.status));
  return new DOMParser().parseFromString(await answer.text(), "text/html");
}
