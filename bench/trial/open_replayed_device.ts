import type { Clock } from "../../core/clock/mod.ts";
import {
  closeRecording,
  type Device,
  readRecording,
  ReplayedDevice,
} from "../../core/device/mod.ts";
import { check } from "../../core/libc/mod.ts";
import type { DeviceSpec } from "../scenario/mod.ts";
import type { Role } from "./build_devices.ts";

/** Opens a recorded session as a device. */
export async function openReplayedDevice(
  { id, capture, recording: open, replay_timing, replay_speed }: Extract<
    DeviceSpec,
    { kind: "replayed" }
  >,
  role: Role,
  clock: Clock,
): Promise<Device> {
  const recording = open ?? await readRecording(capture);
  try {
    const timing = replay_timing === "recorded" ? { clock, speed: replay_speed } : null;
    const device = role === "source"
      ? ReplayedDevice.source(id, recording, timing)
      : ReplayedDevice.destination(id, recording, timing);
    if (typeof device !== "number") return device;
    check(device, "open", `replay ${capture}`);
    throw new Error("unreachable");
  } finally {
    if (open === undefined) closeRecording(recording);
  }
}
