/** On a phone list and tools lie side by side (console.css): marks the visible one in the navigation. */
import { all } from "../shared/dom";

/** Keeps the pane that fills most of the screen marked. */
export function panes(): void {
  const ways = all<HTMLAnchorElement>(".panes a");
  const seen = new IntersectionObserver(
    (entries) => {
      for (const { target, isIntersecting } of entries) {
        const way = ways.find((each) => each.hash === `#${target.id}`);
        if (isIntersecting) way?.setAttribute("aria-current", "true");
        else way?.removeAttribute("aria-current");
      }
    },
    { threshold: 0.5 },
  );
  for (const way of ways) seen.observe(document.querySelector(way.hash) as HTMLElement);
}
