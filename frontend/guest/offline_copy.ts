/** Entry of guest pages that need only the service worker, which opens them without network. */
import "../shared/begin";

import { keep } from "../shared/offline_copy";

keep();
