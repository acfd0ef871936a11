/** A venue's wall while it shows one line (line.ts does): changes when another line is open. */
import "../shared/begin";

import { watchLines } from "../shared/venue_lines";

watchLines({});
