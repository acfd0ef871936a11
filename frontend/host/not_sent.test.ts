import { beforeEach, expect, test, vi } from "vitest";
import { one } from "../shared/dom";
import type { HostAction } from "./actions";
import { NotSent } from "./not_sent";
import type { Outbox } from "./outbox";
import { keptAction, pressedOf } from "./pressed";

const action = (id: string, more: Partial<HostAction> = {}): HostAction => ({
  ...{ id, line: "ABC234", action: "seat", party: "ann", pressedAt: 1, what: "Seat #1", state: "pending" },
  ...{ attempts: 1, next: 5, wait: 5, notBefore: 0, lease: 0, ...more },
});

let outbox: {
  pending: HostAction[];
  refused: HostAction[];
  ended: string;
  lasting: boolean;
  drop: (id: string) => void;
};
let changed: () => void;
let dropped: string[];

beforeEach(() => {
  document.body.innerHTML = `<ol><li data-party="ann"></li><li data-party="bob"><span class="who-line"></span></li></ol>
    <section data-not-sent hidden><span data-not-sent-count></span><p data-not-sent-line></p><ul data-not-sent-list></ul></section>`;
  dropped = [];
  const drop = (id: string) => void dropped.push(id);
  outbox = { pending: [], refused: [], ended: "", lasting: true, drop };
  Object.assign(outbox, { onChange: (call: () => void) => (changed = call) });
  new NotSent(outbox as unknown as Outbox);
});

const line = () => one("[data-not-sent-line]").textContent;
const marks = () => [...document.querySelectorAll("[data-not-sent-mark]")].map(({ textContent }) => textContent);

test("what could not be sent is said, and marked on its row, until it is", () => {
  outbox.pending = [action("1"), action("2", { action: "call", party: "bob", what: "Call #2" })];
  changed();
  expect(one("[data-not-sent]").hidden).toBe(false);
  expect(line()).toBe("2 actions are not sent. They go in order when the network is back.");
  expect(one("[data-not-sent-count]").textContent).toBe("2 not sent");
  expect(marks()).toEqual(["Seat: not sent", "Call: not sent"]);
  outbox.pending = [];
  changed();
  expect(one("[data-not-sent]").hidden).toBe(true);
  expect(marks()).toEqual([]);
});

test("an action that is on its way is not shown as late before it is", () => {
  const now = vi.spyOn(performance, "now").mockReturnValue(10);
  outbox.pending = [action("1", { next: 0, attempts: 0 })];
  changed();
  expect(one("[data-not-sent]").hidden).toBe(true);
  now.mockReturnValue(1_010);
  changed();
  expect(line()).toBe("1 action is not sent. It goes by itself when the network is back.");
  vi.restoreAllMocks();
});

test("what was refused stays with the server's sentence until it is dismissed", () => {
  outbox.refused = [action("1", { state: "refused", text: "#1 was seated by another host at 19:42." })];
  changed();
  expect(line()).toBe("1 action was not done.");
  expect(one("[data-not-sent-list] li span").textContent).toBe("Seat #1: #1 was seated by another host at 19:42.");
  one("[data-drop]").click();
  expect(dropped).toEqual(["1"]);
});

test("a tablet that is no host any more says what it keeps", () => {
  outbox.pending = [action("1")];
  outbox.ended = "This host token has ended.";
  outbox.lasting = false;
  changed();
  expect(line()).toBe(
    "1 action is not sent. This host token has ended. It is kept until this tablet is a host again. Leave this page open until then.",
  );
});

test("a form is kept with what it showed; a form about several parties is several actions", () => {
  const form = new FormData();
  for (const [name, value] of [
    ["csrfmiddlewaretoken", "x"],
    ["key", "k"],
    ["saw", "waiting"],
    ["seconds", "120"],
  ] as const)
    form.set(name, value);
  for (const party of ["ann", "bob"]) form.append("party", party);
  const page = { version: 7, now: 9, nameOf: (party: string) => (party === "ann" ? "#1 Ann" : undefined) };
  expect(pressedOf("more-time", form, page)).toEqual(
    ["#1 Ann", ""].map((name, place) => ({
      ...{ action: "more-time", party: ["ann", "bob"][place], saw: "waiting", version: 7, pressedAt: 9 },
      ...{ fields: { seconds: "120" }, what: `More time ${name}`.trim() },
    })),
  );
  expect([keptAction("/queue/ABC234/host/call-again"), keptAction("/queue/ABC234/host/settings?show=60")]).toEqual([
    "call-again",
    undefined,
  ]);
});
