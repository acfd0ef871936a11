/**
 * Who votes, as far as a script can know: the page for everyone sets no cookie (decision 0070). The server's cookies are HttpOnly. No
 * script reads them, and none can replace one: where a cookie of ours does not appear, the server's is there.
 */
const TOKEN = "voter_token";
// As long as the server's (web/browsers.py); some browsers keep a script's cookie for a week. The server renews it with the vote.
const AGE_S = 400 * 24 * 3600;

function shown(name: string): string | undefined {
  const cookie = document.cookie.split("; ").find((each) => each.startsWith(`${name}=`));
  return cookie?.slice(name.length + 1);
}

const shows = (name: string): boolean => shown(name) !== undefined;

/** Writes a cookie for this path and those below it. `ageS`: 0 deletes it. */
function write(name: string, value: string, path: string, ageS: number): void {
  const secure = location.protocol === "https:" ? "; Secure" : "";
  // biome-ignore lint/suspicious/noDocumentCookie: the Cookie Store API is not everywhere
  document.cookie = `${name}=${value}; Path=${path}; SameSite=Lax; Max-Age=${ageS}${secure}`;
}

/** Whether a cookie that this script writes appears. */
function takes(name: string, path: string): boolean {
  write(name, "1", path, 60);
  const taken = shows(name);
  write(name, "", path, 0);
  return taken;
}

/** Whether this browser keeps cookies. */
export function keepsCookies(): boolean {
  try {
    return takes("kept", "/");
  } catch {
    return false;
  }
}

/** Makes this browser one voter before it votes: were the answer to the vote lost, it would be another voter the next time. */
export function giveToken(): void {
  if (shows(TOKEN)) return;
  const bytes = crypto.getRandomValues(new Uint8Array(32));
  write(TOKEN, [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join(""), "/", AGE_S);
}

/** The token, as long as it is the one that a script has made: the server's cookie, which comes with the vote, shows nothing. */
export const ownToken = (): string | undefined => shown(TOKEN);

/** Whether the server has given this browser the cookie of a counted ballot (polls/permissions.py: ballot_cookie). */
export const hasBallot = (code: string, path: string): boolean => keepsCookies() && !takes(`ballot_${code}`, path);
