import { afterEach, expect, test, vi } from "vitest";
import { one } from "../shared/dom";
import { CalledNames } from "./names";

let answers: (() => Response)[];

function names(url: string | undefined): CalledNames {
  document.body.innerHTML =
    '<ul><li data-ticket="3">3<bdi class="ticket-caption">Ana</bdi></li><li data-ticket="4">4</li></ul>';
  vi.stubGlobal("fetch", async () => (answers.shift() ?? Response.error)());
  return new CalledNames(url, one("ul"));
}

afterEach(() => vi.unstubAllGlobals());

test("rendered names stay until an answer comes, and whenever none does", async () => {
  const busy = () => new Response("", { status: 503 });
  answers = [busy, () => Response.json({ names: { 4: "Ben" } }), busy];
  const called = names("/names");
  expect([await called.ask(), ...called.known]).toEqual([false, [3, "Ana"]]);
  expect([await called.ask(), ...called.known]).toEqual([true, [4, "Ben"]]);
  expect([await called.ask(), ...called.known]).toEqual([false, [4, "Ben"]]);
});

test("a browser that is no host's any more shows none", async () => {
  answers = [() => Response.json({ names: {} })];
  const called = names("/names");
  expect([await called.ask(), ...called.known]).toEqual([true]);
});

test("a wall without names asks for none", async () => {
  answers = [];
  expect(await names(undefined).ask()).toBe(true);
});
