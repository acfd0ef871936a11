/** Entry of guest pages that need only the service worker, which opens them without network. */
import "../shared/begin";

import { keepPage } from "../shared/offline_copy";

keepPage();
