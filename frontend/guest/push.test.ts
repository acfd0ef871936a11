import { expect, test } from "vitest";
import { possible } from "./push";

const browser = (options: { push?: boolean; secure?: boolean; permission?: string; navigator?: object }) =>
  ({
    isSecureContext: options.secure ?? true,
    navigator: { maxTouchPoints: 5, ...(options.push && { serviceWorker: {} }), ...options.navigator },
    ...(options.push && { PushManager: {}, Notification: { permission: options.permission ?? "default" } }),
  }) as unknown as Window & typeof globalThis;

test("a browser that can push is asked, unless the person has refused", () => {
  expect(possible(browser({ push: true }))).toBe("ask");
  expect(possible(browser({ push: true, permission: "granted" }))).toBe("ask");
  expect(possible(browser({ push: true, permission: "denied" }))).toBe("blocked");
  expect(possible(browser({ push: true, secure: false }))).toBe("nothing");
});

test("an iPhone is led to the Home Screen, and asked once it is there", () => {
  expect(possible(browser({ navigator: { standalone: false } }))).toBe("home");
  expect(possible(browser({ navigator: { standalone: true }, push: true }))).toBe("ask");
  expect(possible(browser({ navigator: { standalone: true } }))).toBe("nothing");
});

test("Safari on a Mac and browsers without push get no empty promise", () => {
  expect(possible(browser({ navigator: { standalone: false, maxTouchPoints: 0 } }))).toBe("nothing");
  expect(possible(browser({}))).toBe("nothing");
});
