/** A live room on its wall or its host's page: counts and graph, updated by polling. */
import { started } from "../shared/begin";
import { Poll } from "../shared/polling";
import { localTimes } from "../shared/times";
import { follow, isOpen, page } from "./page";

const PEOPLE_EVERY_MS = 5_000;

/** How many people are in the room, for its host. */
function countPeople(node: HTMLElement): void {
  const poll = new Poll({
    url: page.dataset.peopleUrl ?? "",
    everyMs: PEOPLE_EVERY_MS,
    onNews: async (answer) => {
      if (!answer.ok) throw new Error(`status ${answer.status}`);
      node.textContent = String(((await answer.json()) as { people: number | null }).people ?? "–");
      if (!isOpen()) poll.stop();
    },
  });
}

follow();
const people = page.querySelector<HTMLElement>("[data-people]");
if (people) countPeople(people);
localTimes();
started();
