// Records a long session, reads it back and migrates it from a replayed device to another one, with no bytes but the
// made-up ones. Prints the most memory that the process had, in KiB, and whether the state arrived whole.
//
//     deno run -A long_session.ts FOLDER READS
import { compareImages } from "../../compare_images.ts";
import { wallClock } from "../../../clock/mod.ts";
import { DEVICE_STATE } from "../../../vfio/mod.ts";
import { GENERIC_PROFILE } from "../../profile.ts";
import { createRecordingWriter } from "../../recorded/recording_writer.ts";
import { RecordingDevice } from "../../recorded/recording_device.ts";
import { chunkRegion, driveSaving } from "../../recorded/testdata/drive.ts";
import { SimulatedDevice } from "../../simulated/simulated_device.ts";
import { closeRecording, readRecording } from "../recording.ts";
import { ReplayedDevice } from "../replayed_device.ts";

const CHUNK = 4096;
const [folder = "", reads = "0"] = Deno.args;
const profile = { ...GENERIC_PROFILE, state_size: Number(reads) * CHUNK };
const device = new SimulatedDevice({ id: "a", profile, clock: wallClock, memory: null });
const writer = createRecordingWriter(`${folder}/a`, { chunk: CHUNK, data: "omitted", seed: 1 });
const recorder = new RecordingDevice(device, "src", wallClock, writer);
driveSaving(recorder, CHUNK, null);
recorder.close();

const recording = await readRecording(`${folder}/a.jsonl`);
const from = ReplayedDevice.source("a", recording);
const to = ReplayedDevice.destination("a", recording);
if (typeof from === "number" || typeof to === "number") throw new Error("Cannot replay");
closeRecording(recording);
const region = chunkRegion(CHUNK);
from.setState(DEVICE_STATE.STOP_COPY);
to.setState(DEVICE_STATE.RESUMING);
for (let n = from.read(region, CHUNK); n > 0; n = from.read(region, CHUNK)) to.write(region, 0, n);
const left = from.image();
const right = to.image();
const whole = to.setState(DEVICE_STATE.STOP) === 0 && left !== null && right !== null &&
  compareImages(left, right) === -1;
for (const one of [from, to]) one.close();
const peak = /VmHWM:\s+(\d+)/.exec(Deno.readTextFileSync("/proc/self/status"))?.[1];
console.log(JSON.stringify({ calls: writer.calls, peak_kib: Number(peak), whole }));
