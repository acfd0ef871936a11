import { enableSteppers } from "./stepper";

enableSteppers();
// Back from the ticket: the page must not offer a second place from the browser's memory.
addEventListener("pageshow", (event) => event.persisted && location.reload());
