/**
 * Recording what happens to a device. The form of a recording is described in `../replayed/README.md`.
 * @module
 */
export { type RecordedSide, RecordingDevice } from "./recording_device.ts";
export {
  closeRecordingWriter,
  createRecordingWriter,
  flushLines,
  type RecordingHeader,
  type RecordingWriter,
  removeRecording,
} from "./recording_writer.ts";
