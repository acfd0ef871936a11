import { afterEach, expect, test, vi } from "vitest";
import { sendForm, unsentOf } from "./send";

const stale = (token: string) =>
  new Response(JSON.stringify({ code: "stale-form", error: "too old", token }), {
    status: 403,
    headers: { "x-unsent": "stale-form" },
  });

const form = (): FormData => {
  const fields = new FormData();
  fields.set("csrfmiddlewaretoken", "old");
  fields.set("name", "Cleo");
  return fields;
};

afterEach(() => vi.unstubAllGlobals());

test("a stale form is sent once more with the fresh proof, and all forms of the page have it from then on", async () => {
  document.body.innerHTML =
    '<input name="csrfmiddlewaretoken" value="old"><input name="csrfmiddlewaretoken" value="old">';
  const sent: [FormDataEntryValue | null, FormDataEntryValue | null][] = [];
  const answers = [stale("fresh"), new Response("done")];
  vi.stubGlobal("fetch", async (_url: string, { body }: { body: FormData }) => {
    sent.push([body.get("csrfmiddlewaretoken"), body.get("name")]);
    return answers.shift();
  });
  const answer = await sendForm("/queue/ABCDEF/host/walk-in", form());
  expect(await answer.text()).toBe("done");
  expect(sent).toEqual([
    ["old", "Cleo"],
    ["fresh", "Cleo"],
  ]);
  for (const field of document.querySelectorAll("input")) expect(field.value).toBe("fresh");
});

test("a page that is stale again, one that is signed out and a refusal are answers, and nothing is repeated for ever", async () => {
  const posts = vi.fn(async () => stale("fresh"));
  vi.stubGlobal("fetch", posts);
  expect((await unsentOf(await sendForm("/x", form())))?.code).toBe("stale-form");
  expect(posts).toHaveBeenCalledTimes(2);
  const signedOut = new Response('{"code":"signed-out","error":"You were signed out."}', {
    status: 403,
    headers: { "x-unsent": "signed-out" },
  });
  vi.stubGlobal("fetch", async () => signedOut);
  expect((await unsentOf(await sendForm("/x", form())))?.error).toBe("You were signed out.");
  expect(await unsentOf(new Response("", { status: 403 }))).toBeNull();
});
