/**
 * Sends a form by script. A page that has become stale (its proof was renewed, e.g. by signing in in another tab) is no reason to
 * lose what was typed: the server answers with the fresh proof, and the same form is sent once more (web/unsent.py). Each form's
 * own key makes sure that nothing is done twice.
 */
import { all } from "./dom";

const PROOF = "csrfmiddlewaretoken";

/** Why a form was not carried out, where the answer says that nothing is wrong with the form. */
export interface Unsent {
  code: "stale-form" | "signed-out" | "not-host";
  error: string;
  token?: string;
  signIn?: string;
}

/** What the answer says of a form that was not carried out; null for every other answer. */
export async function unsentOf(answer: Response): Promise<Unsent | null> {
  return answer.headers.has("x-unsent") ? ((await answer.clone().json()) as Unsent) : null;
}

/** Posts the form, again with a fresh proof where the page's was stale. Rejects as fetch does. */
export async function sendForm(url: string, said: FormData, signal?: AbortSignal): Promise<Response> {
  const post = () =>
    fetch(url, { method: "POST", body: said, headers: { "x-fragment": "1" }, ...(signal && { signal }) });
  const answer = await post();
  const unsent = await unsentOf(answer);
  if (unsent?.code !== "stale-form" || !unsent.token) return answer;
  for (const field of all<HTMLInputElement>(`[name=${PROOF}]`)) field.value = unsent.token;
  said.set(PROOF, unsent.token);
  return post();
}
