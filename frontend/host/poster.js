/** The poster's print button, there only with this script. */
const button = document.querySelector("[data-print]");
button.hidden = false;
button.addEventListener("click", () => print());
