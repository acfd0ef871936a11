import { expect, test } from "vitest";
import { one } from "../shared/dom";
import { placeIn, takeOver } from "./address";

test("the place stands in the fragment", () => {
  expect(placeIn("#place=abc-1")).toBe("abc-1");
  expect(placeIn("#other")).toBeNull();
  expect(placeIn("")).toBeNull();
});

test("it is taken over by the page's own form", () => {
  document.body.innerHTML = `<form data-restore><input type="hidden" name="place"></form>`;
  const form = one<HTMLFormElement>("form");
  let sent = "";
  form.submit = () => {
    sent = one<HTMLInputElement>("input").value;
  };
  takeOver("abc-1");
  expect(sent).toBe("abc-1");
});
