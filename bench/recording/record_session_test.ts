import { assertEquals, assertGreater } from "@std/assert";
import { createVirtualClock } from "../../core/clock/mod.ts";
import {
  closeRecording,
  compareSequences,
  type Device,
  GENERIC_PROFILE,
  readRecording,
  ReplayedDevice,
  SimulatedDevice,
} from "../../core/device/mod.ts";
import { createRecordingWriter, RecordingDevice } from "../../core/device/recorded/mod.ts";
import { inFolder } from "../../core/device/recorded/testdata/in_folder.ts";
import { ERRNO } from "../../core/libc/mod.ts";
import { saveOnce } from "./record_session.ts";
import { SESSION_OPTIONS } from "./testdata/session_options.ts";

const PROFILE = { ...GENERIC_PROFILE, state_size: 1_000_000, initial_fraction: 0.7 };

function simulated(profile = PROFILE): SimulatedDevice {
  const clock = createVirtualClock();
  return new SimulatedDevice({ id: "nic0", profile, clock, memory: null });
}

/** A session on a clock that only the source's own waits move: what it asks depends on the answers alone. */
function record(name: string, device: Device, precopyMs = 0) {
  const clock = createVirtualClock();
  const writer = createRecordingWriter(name, { chunk: 65_536, data: "omitted", seed: 1 });
  const recorder = new RecordingDevice(device, "src", clock, writer);
  const session = saveOnce(recorder, {
    policy: "qemu-11.1",
    options: { ...SESSION_OPTIONS, precopyMs },
    clock,
    isCancelled: () => false,
  });
  recorder.close();
  return session;
}

Deno.test("a session goes by what the device answers, and leaves it RUNNING", () =>
  inFolder((folder) => {
    const { failure, leftIn, report } = record(`${folder}/a`, simulated(), 250);
    assertEquals([failure, leftIn], [null, "RUNNING"]);
    const [device] = report.devices;
    assertEquals([device?.precopyBytes, device?.stopCopyBytes], [700_024, 300_048]);
    assertGreater(report.switchover?.decidedNs ?? 0, 250e6 - 1);
  }));

Deno.test("a replayed recording is asked the same and answers the same", () =>
  inFolder(async (folder) => {
    record(`${folder}/a`, simulated());
    const recording = await readRecording(`${folder}/a.jsonl`);
    const replayed = ReplayedDevice.source("r", recording);
    closeRecording(recording);
    if (typeof replayed === "number") throw new Error(`Cannot replay: received ${replayed}`);
    record(`${folder}/b`, replayed);
    const { calls, difference } = await compareSequences(
      `${folder}/a.jsonl`,
      `${folder}/b.jsonl`,
    );
    assertEquals(difference, null);
    assertGreater(calls, 30);
  }));

Deno.test("a session that fails leaves the device RUNNING, by reset where it must", () =>
  inFolder((folder) => {
    const device = simulated();
    let reads = 0;
    const failing = new Proxy(device, {
      get(target, key) {
        if (key === "read") return () => ++reads > 3 ? -ERRNO.EIO : target.read(null, 65_536);
        const value = Reflect.get(target, key, target);
        return typeof value === "function" ? value.bind(target) : value;
      },
    });
    const { failure, leftIn } = record(`${folder}/a`, failing);
    assertEquals([failure?.errno, failure?.device, leftIn], ["EIO", "nic0", "RUNNING"]);
  }));
