/**
 * What VFIO devices a host has, what each can do, and what stands in the way.
 * @module
 */
export { type Abilities, type Probe, probeAbilities } from "./abilities.ts";
export { diagnose, isUsable, type Obstacle } from "./diagnose.ts";
export { type DoctorDevice, type DoctorDocument, doctorDocument } from "./doctor_document.ts";
export { doctorText } from "./doctor_text.ts";
export { type Survey, survey, type SurveyedDevice } from "./survey.ts";
