/** A venue's page while guests choose a line, or wait for one to open. */
import { json } from "../shared/dom";
import type { Patterns } from "../shared/labels";
import { watchLines } from "../shared/venue_lines";
import { showWaiting } from "./waiting";

const patterns = json<Patterns>("labels");

watchLines({ show: (line, card) => showWaiting(patterns, line, card) });
