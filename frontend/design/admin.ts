/** The staff admin: a new venue's time zone is proposed from this browser's, where that is a place's. */
const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;

document.addEventListener("DOMContentLoaded", () => {
  const field = document.querySelector<HTMLInputElement>("#venue_form #id_timezone");
  if (field && !field.value && zone.includes("/") && !zone.startsWith("Etc/")) field.value = zone;
});
