/** Hours of a line are read in the time zone of whoever opens it. */
import { all } from "../shared/dom";

const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
for (const input of all<HTMLInputElement>("input[name=timezone]")) input.value ||= zone ?? "";
