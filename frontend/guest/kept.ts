/** Pages of guests that need nothing else of it: they open without network, too. */
import "../shared/begin";

import { keep } from "../shared/kept";

keep();
