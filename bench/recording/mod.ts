/**
 * Recording a device's saving session, and playing it back.
 * @module
 */
export { type SavedSession, saveOnce, type SessionPlan } from "./record_session.ts";
export { openSource, type RecordedSource, sessionCase } from "./recorded_source.ts";
export { replayParams } from "./replay_params.ts";
export { sessionDocument, sessionText } from "./session_text.ts";
