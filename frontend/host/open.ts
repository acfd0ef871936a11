/** Hours of a line without a venue are read in the time zone chosen below them: at first this browser's, if it is a place's. */
import { all } from "../shared/dom";
import { localTimes } from "../shared/labels";

localTimes();

const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
for (const choice of all<HTMLSelectElement>("select[name=timezone]")) {
  const own = [...choice.options].find((option) => option.value === zone);
  if (own && !choice.value) choice.value = own.value;
}
