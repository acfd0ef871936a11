/** What a party's guest and its hosts wrote, in the party's pane: asked for when the pane opens, and when either wrote again. */
import { fragment } from "./fragment";

/** Shows the conversation of the row's party in `pane`; `page` is the console's address. Without a network the link stays. */
export function showConversation(pane: HTMLElement, row: HTMLElement, page: string): void {
  const place = pane.querySelector<HTMLElement>("[data-conversation]");
  const link = pane.querySelector<HTMLAnchorElement>("[data-conversation-link]");
  if (!place || !link) return;
  const { ticket = "", wrote = "", message = "", party = "" } = row.dataset;
  const url = `${page}/texts/${ticket}`;
  link.href = url;
  if (!("hasContact" in row.dataset) && !wrote) return;
  const newest = `${party} ${wrote} ${message}`;
  if (place.dataset.conversation === newest) return;
  place.dataset.conversation = newest;
  fragment(url)
    .then((parsed) => {
      if (place.dataset.conversation !== newest) return;
      place.replaceChildren(...parsed.body.childNodes);
      link.hidden = true; // it leads to the same
    })
    .catch(() => {
      place.dataset.conversation = ""; // the next news of the line tries again
    });
}
