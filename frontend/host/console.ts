/**
 * The host's console, put together. The server renders its parts; this script fetches them when the line has a new version, submits
 * the buttons' forms without a reload, filters the list, and runs the clocks.
 */
import { started } from "../shared/begin";
import { one } from "../shared/dom";
import { Access } from "./access";
import { Acts } from "./acts";
import { firstMessages, rowOf } from "./board";
import { runClocks } from "./clocks";
import { Finder } from "./finder";
import { GuestHistory } from "./guest_history";
import { Kept } from "./kept";
import { News } from "./news";
import type { NotSent } from "./not_sent";
import { type Move, Order, restore } from "./order";
import { Panes } from "./panes";
import { PartyPane } from "./party_pane";
import { Press } from "./press";
import { offerReadyMade } from "./ready_made";
import { Several } from "./several";
import { Snack } from "./snack";
import { Sounds } from "./sounds";
import { followTables } from "./tables";
import { Undo } from "./undo";
import { sizeKeys } from "./walk_in";

const root = one("[data-console]");
const snack = new Snack();
const access = new Access();
const undo = new Undo();
const sounds = new Sounds();
const order = new Order(
  one("#line"),
  move,
  (text) => snack.say(text),
  () => {
    press.end();
    news.show();
  },
);
// After the click event: replacing a pressed button would cancel its click.
const press = new Press(document.body, () => setTimeout(() => news.show()));
const news = new News(root, {
  isHeld: () => order.dragging || press.down,
  prepare: ({ list, parts }) => {
    finder.apply(list, parts.find((part) => part.dataset.part === "called") ?? null);
    several.restore(parts);
  },
  shown: (list) => {
    order.arm();
    undo.show(list, news.clock.now());
    notSent?.mark();
    pane.update();
    tick();
  },
  wrong: (text) => snack.say(text, { wrong: true }),
  access,
});
const kept = Kept.open(root.dataset.code ?? "", news);
const acts = new Acts(root, {
  kept,
  news,
  snack,
  access,
  answered: (form, fields, ok) => pane.answered(form, String(fields.get("party") ?? ""), ok),
});
let notSent: NotSent | undefined;
const finder = new Finder({ now: () => news.clock.now(), begun: () => news.showAll() });
const several = new Several(acts, snack);
const panes = new Panes(() => pane.close());
const history = new GuestHistory(root.dataset.page ?? "");
const pane = new PartyPane(root.dataset.page ?? "", {
  opened: () => panes.closeAll(),
  filled: () => {
    tick();
    void history.show();
  },
});
const walkIn = document.querySelector<HTMLFormElement>("[data-walk-in]");
if (walkIn) sizeKeys(walkIn);
offerReadyMade();

void kept.then((opened) => {
  notSent = opened.notSent;
});

order.arm();
const { text, wrong } = firstMessages();
if (text) snack.say(text, { wrong });
finder.apply(news.list, null);
news.follow();
followTables(document.body, () => order.dragging || press.down);
setInterval(tick, 1000);
tick();

/** A row was dragged, or moved by a key. Resolves to whether the server did it. */
async function move({ party, place, behind }: Move): Promise<boolean> {
  const fields = acts.fields({ party, place: String(place), behind, saw: "waiting" });
  const { ok, pending } = await acts.act(acts.url("move"), fields, { quiet: false });
  const done = ok && !pending;
  // Not done: the row goes back to where the server has it.
  if (!done) await news.refresh().catch(() => putBack(party));
  return done;
}

/** No answer: puts the rows back as the server last had them, and unmarks the moved one. */
function putBack(party: string): void {
  restore(one("#line"));
  const row = rowOf(party);
  row?.classList.remove("is-moving");
  if (row) one("[data-moving]", row).hidden = true;
}

function tick(): void {
  const now = news.clock.now();
  runClocks(document.body, now, Number(news.list.dataset.scale) || 1);
  sounds.look(news.list);
  undo.show(news.list, now);
  news.tick();
  notSent?.draw();
}

started();
