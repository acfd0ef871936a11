/** The codes shown for another device: the list is fetched anew until each code was used or has expired. */
import { one } from "../shared/dom";
import { Poll } from "../shared/polling";

const list = one("[data-codes]");
const { pollMs = "" } = list.dataset;

if (pollMs) {
  const poll = new Poll({
    url: location.href,
    everyMs: Number(pollMs),
    onNews: async (answer) => {
      if (!answer.ok) throw new Error(`status ${answer.status}`);
      const shown = new DOMParser().parseFromString(await answer.text(), "text/html");
      const now = one("[data-codes]", shown);
      // Left alone where it says the same: a button may be about to be pressed.
      if (now.textContent !== list.textContent) list.replaceChildren(...now.childNodes);
      if (!now.dataset.pollMs) poll.stop();
    },
  });
}
