/** Hours of a line are read in the time zone of whoever opens it. */
const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
for (const input of document.querySelectorAll("input[name=timezone]")) input.value ||= zone ?? "";
