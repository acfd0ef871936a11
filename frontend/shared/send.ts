/**
 * Submits a form by script. When the page's CSRF token is stale (e.g. after signing in in another tab), the server answers with a fresh
 * one and the form is submitted once more (web/unsent.py): nothing typed is lost. The form's idempotency key prevents doing it
 * twice.
 */
import { all } from "./dom";

const PROOF = "csrfmiddlewaretoken";

/** Why a valid form was not carried out. */
export interface Unsent {
  code: "stale-form" | "signed-out" | "not-host";
  error: string;
  token?: string;
  signIn?: string;
}

/** The reason in the answer to a form that was not carried out; null for other answers. */
export async function unsentOf(answer: Response): Promise<Unsent | null> {
  return answer.headers.has("x-unsent") ? ((await answer.clone().json()) as Unsent) : null;
}

/** Posts the form; once more with a fresh token when the page's was stale. Rejects as fetch does. */
export async function sendForm(url: string, fields: FormData, signal?: AbortSignal): Promise<Response> {
  const post = () =>
    fetch(url, { method: "POST", body: fields, headers: { "x-fragment": "1" }, ...(signal && { signal }) });
  const answer = await post();
  const unsent = await unsentOf(answer);
  if (unsent?.code !== "stale-form" || !unsent.token) return answer;
  for (const field of all<HTMLInputElement>(`[name=${PROOF}]`)) field.value = unsent.token;
  fields.set(PROOF, unsent.token);
  return post();
}
