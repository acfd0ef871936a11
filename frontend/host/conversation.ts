/**
 * How a party is told, whether that arrived, and what its guest and its hosts wrote, in the party's pane: asked for when the pane
 * opens, when either wrote, and every few seconds while it is open, for receipts are no news of the line.
 */
import { fragment } from "./fragment";

const AGAIN_MS = 5_000;
let again = 0;

/** Whether the row's party talks with its hosts: it gave a number or an address, or has written. */
export const isTalk = ({ dataset }: HTMLElement): boolean => "hasContact" in dataset || "wrote" in dataset;

/** Whether there is a way to the row's party, or was. */
export const isTold = (row: HTMLElement): boolean => isTalk(row) || "hasPhone" in row.dataset;

/** Shows it for the row's party in `pane`; `page` is the console's address. Without a network the link stays. */
export function showConversation(pane: HTMLElement, row: HTMLElement, page: string): void {
  const place = pane.querySelector<HTMLElement>("[data-conversation]");
  const link = pane.querySelector<HTMLAnchorElement>("[data-conversation-link]");
  if (!place || !link) return;
  const { ticket = "", wrote = "", message = "", party = "", status = "" } = row.dataset;
  const url = `${page}/texts/${ticket}`;
  link.href = url;
  if (!isTold(row)) return;
  const newest = `${party} ${wrote} ${message} ${status}`;
  if (place.dataset.conversation === newest) return;
  place.dataset.conversation = newest;
  look(place, link, url);
}

function look(place: HTMLElement, link: HTMLAnchorElement, url: string): void {
  clearTimeout(again);
  const { conversation } = place.dataset;
  const next = () => {
    again = window.setTimeout(() => {
      if (place.isConnected && !document.hidden) look(place, link, url);
      else if (place.isConnected) next();
    }, AGAIN_MS);
  };
  fragment(url)
    .then((parsed) => {
      if (!place.isConnected || place.dataset.conversation !== conversation) return;
      if (place.innerHTML !== parsed.body.innerHTML) place.replaceChildren(...parsed.body.childNodes);
      link.hidden = true; // it leads to the same
      next();
    })
    .catch(() => {
      if (place.isConnected) next();
    });
}
