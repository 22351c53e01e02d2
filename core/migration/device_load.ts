import type { Message } from "../channel/mod.ts";
import type { Device } from "../device/mod.ts";
import { DEVICE_STATE, deviceStateName, MIGRATION } from "../vfio/mod.ts";
import type { LoadHandlers } from "./load_handlers.ts";
import { MigrationError, must, reasonFailure } from "./migration_error.ts";
import { setState } from "./set_state.ts";
import { createInterruptions, type Interruptions, isInterrupted } from "./uninterrupted.ts";

const { ERROR, RUNNING, RUNNING_P2P, RESUMING } = DEVICE_STATE;

/** The loading of a device of migration protocol v2. */
export function createDeviceLoad(device: Device): LoadHandlers {
  const interruptions = createInterruptions();
  return {
    id: device.id,
    supportsPrecopy: (device.migrationFlags & MIGRATION.PRE_COPY) !== 0,
    setUp: (run) => setState(device, RESUMING, ERROR, "load", run),
    load: (_run, message) => writeDevice(device, message, interruptions),
    prepareRun(run) {
      if ((device.migrationFlags & MIGRATION.P2P) === 0) return null;
      return setState(device, RUNNING_P2P, ERROR, "resume", run);
    },
    run: (run) => setState(device, RUNNING, ERROR, "resume", run),
    leftIn: () => deviceStateName(device.getState()),
  };
}

function writeDevice(device: Device, message: Message, interruptions: Interruptions): void {
  let done = 0;
  while (done < message.length) {
    const n = device.write(message.region, message.offset + done, message.length - done);
    if (isInterrupted(interruptions, n)) continue;
    must(n, "write", device.id, "load", "write");
    if (n === 0) {
      throw new MigrationError(
        reasonFailure(
          `Cannot write to ${device.id}: it takes no more bytes`,
          "load",
          device.id,
        ),
      );
    }
    done += n;
  }
}
