/** Counts the fds of a process before and after sessions of every kind, and prints both. */
import { createVirtualClock } from "../../../clock/mod.ts";
import { countOpenFds, regionOf } from "../../../libc/mod.ts";
import { DEVICE_STATE } from "../../../vfio/mod.ts";
import type { VirtioDevice } from "../virtio_device.ts";
import { realDeviceOf } from "./devices.ts";

const { RUNNING, STOP, STOP_COPY, RESUMING, PRE_COPY, PRE_COPY_P2P } = DEVICE_STATE;
const region = regionOf(new ArrayBuffer(65536));
/** Larger than a session's first buffer. */
const STATE_SIZE = 1024 * 1024 + 5;

function load(device: VirtioDevice): void {
  const source = realDeviceOf({ state_size: STATE_SIZE }, createVirtualClock(), 1);
  source.setState(STOP_COPY);
  device.setState(RESUMING);
  for (let n = 0; (n = source.read(region, 65536)) > 0;) device.write(region, 0, n);
  source.close();
}

/** What a device was left in when it was closed. */
const lives: ((device: VirtioDevice) => void)[] = [
  (device) => device.setState(PRE_COPY),
  (device) => device.setState(PRE_COPY) || device.setState(RUNNING),
  (device) => device.setState(PRE_COPY_P2P) || device.reset(),
  (device) => device.setState(PRE_COPY) || device.setState(STOP_COPY),
  (device) => device.setState(STOP_COPY),
  (device) => device.setState(STOP_COPY) || device.setState(STOP),
  (device) => device.setState(RESUMING),
  (device) => load(device),
  (device) => [load(device), device.setState(STOP)],
  (device) => [load(device), device.reset(), load(device)],
];

// The first use opens what the runtime itself keeps.
realDeviceOf({}, createVirtualClock(), 1).close();
const before = countOpenFds();
const held = lives.map((live) => {
  const device = realDeviceOf({ state_size: STATE_SIZE }, createVirtualClock(), null);
  live(device);
  const count = countOpenFds() - before;
  device.close();
  device.close();
  return count;
});
console.log(JSON.stringify({ held, left: countOpenFds() - before }));
