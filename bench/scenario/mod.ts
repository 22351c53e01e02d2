/** Scenario files: what they may say, reading them, overriding them, and the cases they stand for. */
export { type CaseDefinition, caseDefinition, definedCase } from "./case_definition.ts";
export { caseSettings } from "./case_settings.ts";
export * from "./check_case.ts";
export { type Destination, readDestination } from "./destination.ts";
export { isProfiled, type KernelSpec, PROFILE_NAMES, VIRTIO_NET } from "./device_spec.ts";
export * from "./expand.ts";
export * from "./json_schema.ts";
export * from "./load.ts";
export type { Matrix, MatrixValue } from "./matrix.ts";
export * from "./overrides.ts";
export * from "./params.ts";
export { checkRealDevices, onRealDevices } from "./real_devices.ts";
export { ScenarioError } from "./scenario_error.ts";
export {
  type DeviceSpec,
  type Host,
  type Link,
  type Ram,
  type Scenario,
  ScenarioSchema,
} from "./schema.ts";
export * from "./units.ts";
export { PROFILE_SCHEMA, type ProfileFile, readProfileFile } from "./profile_file.ts";
export { findSetting, type Setting } from "./settings.ts";
export { labelValue } from "./fields.ts";
