/**
 * Errors that say what is wrong with what was given: their line is all the user needs, and the exit code is 2. By
 * name, so that a command line that needs none of them loads none of them.
 */
export const GIVEN_WRONG: ReadonlySet<string> = new Set([
  "UsageError",
  "ScenarioError",
  "RecordingError",
  "DeviceError",
  "ImportError",
  "RunError",
  "SystemCallError",
  "UnsupportedPlatformError",
  "ProgramError",
  "PeerError",
]);
