import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { registerWorker } from "./offline_copy";

let registered: string[] = [];

beforeEach(() => {
  vi.useFakeTimers();
  registered = [];
  vi.stubGlobal("navigator", {
    serviceWorker: {
      register: async (url: string) => {
        registered.push(url);
      },
    },
  });
});

afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

test("a phone that is never idle gets its worker all the same", () => {
  vi.stubGlobal("requestIdleCallback", (then: () => void, { timeout }: IdleRequestOptions = {}) => {
    if (timeout) setTimeout(then, timeout);
  });
  registerWorker();
  expect(registered).toEqual([]);
  vi.advanceTimersByTime(3000);
  expect(registered).toEqual(["/sw.js"]);
});
