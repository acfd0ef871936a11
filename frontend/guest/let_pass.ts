import { enableSteppers } from "./stepper";

enableSteppers();
