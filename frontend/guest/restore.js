/** A ticket's address opened in a browser that has no place yet: what stands in the fragment is taken over. */
const form = document.querySelector("[data-restore]");
const place = new URLSearchParams(location.hash.slice(1)).get("place");
if (place) {
  form.elements.place.value = place;
  form.submit();
}
