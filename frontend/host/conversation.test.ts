// @vitest-environment happy-dom
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { isTold, showConversation } from "./conversation";

let asked: string[];
let answers: (string | number)[];

beforeEach(() => {
  vi.useFakeTimers();
  asked = [];
  answers = [];
  vi.stubGlobal("fetch", async (url: string) => {
    asked.push(url);
    const answer = answers.shift() ?? 503;
    return typeof answer === "number" ? new Response("", { status: answer }) : new Response(answer);
  });
  document.body.innerHTML = `<div id="pane"><div data-conversation></div><a data-conversation-link></a></div>
    <div id="row" data-ticket="7" data-party="p" data-status="waiting" data-has-contact></div>`;
});

afterEach(() => {
  document.body.innerHTML = "";
  vi.runOnlyPendingTimers();
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

const pane = () => document.querySelector("#pane") as HTMLElement;
const row = () => document.querySelector("#row") as HTMLElement;
const shown = () => pane().querySelector("[data-conversation]")?.textContent;
const show = () => showConversation(pane(), row(), "/queue/ABC/host");

test("a party is told where there is a phone or a contact, or it wrote", () => {
  expect(isTold(row())).toBe(true);
  delete row().dataset.hasContact;
  expect(isTold(row())).toBe(false);
  row().dataset.wrote = "1";
  expect(isTold(row())).toBe(true);
});

test("a receipt shows while the pane is open, after a moment without a network, too", async () => {
  answers = ["<p>sent</p>", 503, "<p>arrived</p>"];
  show();
  await vi.advanceTimersByTimeAsync(0);
  expect(shown()).toBe("sent");
  show(); // news of the line that is none of this party
  expect(asked).toEqual(["/queue/ABC/host/texts/7"]);
  await vi.advanceTimersByTimeAsync(5_000);
  expect(shown()).toBe("sent");
  await vi.advanceTimersByTimeAsync(5_000);
  expect(shown()).toBe("arrived");
});

test("a call is asked for at once, and a pane that has closed asks no more", async () => {
  answers = ["<p>waiting</p>", "<p>called</p>", "<p>more</p>"];
  show();
  await vi.advanceTimersByTimeAsync(0);
  row().dataset.status = "called";
  show();
  await vi.advanceTimersByTimeAsync(0);
  expect(shown()).toBe("called");
  pane().replaceChildren();
  await vi.advanceTimersByTimeAsync(60_000);
  expect(asked.length).toBe(2);
});
