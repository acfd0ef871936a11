/** A form that asks for a time zone: proposes this browser's, if it is among the choices. */
import { all } from "../shared/dom";
import { localTimes } from "../shared/times";

localTimes();

const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
for (const choice of all<HTMLSelectElement>("select[name=timezone]")) {
  const own = [...choice.options].find((option) => option.value === zone);
  if (own && !choice.value) choice.value = own.value;
}
