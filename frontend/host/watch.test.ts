import { expect, test, vi } from "vitest";
import { Alarm } from "../guest/alarm";
import { Watch } from "./watch";

const listWith = (lapsed: number): HTMLElement => {
  const list = document.createElement("div");
  list.dataset.lapsed = String(lapsed);
  return list;
};

test("the title counts what the clock ended; it rings for each new one, where that was turned on, and stops when all are seen", () => {
  document.title = "Friday dinner · host";
  document.body.innerHTML = "<section data-watch hidden><button data-watch-sound></button></section>";
  const alarm = new Alarm();
  const start = vi.spyOn(alarm, "start").mockImplementation(() => {});
  const stop = vi.spyOn(alarm, "stop");
  const watch = new Watch(alarm);
  expect(document.querySelector<HTMLElement>("[data-watch]")?.hidden).toBe(false);
  watch.look(listWith(1));
  expect(document.title).toBe("(1) Friday dinner · host");
  watch.look(listWith(2));
  expect(start).not.toHaveBeenCalled(); // not turned on
  vi.spyOn(alarm, "sound", "get").mockReturnValue("ready");
  watch.look(listWith(3));
  watch.look(listWith(3));
  expect(start).toHaveBeenCalledTimes(1);
  watch.look(listWith(0));
  expect(document.title).toBe("Friday dinner · host");
  expect(stop).toHaveBeenCalled();
});
