import type { AnyDevice } from "./build_devices.ts";

/**
 * Closes devices after a trial. Real ones are RUNNING again first, as they were found.
 *
 * @returns What keeps a device from that, a line for each
 */
export function releaseDevices(devices: readonly AnyDevice[]): string[] {
  const obstacles: string[] = [];
  for (const device of devices) {
    const obstacle = "bringBack" in device ? device.bringBack?.() ?? null : null;
    if (obstacle !== null) obstacles.push(obstacle);
    device.close();
  }
  return obstacles;
}
