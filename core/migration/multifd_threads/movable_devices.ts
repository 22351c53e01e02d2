import { isMovable, type MovableDevice } from "../../device/mod.ts";

/**
 * The devices that threads of their own will save or load.
 *
 * @throws {TypeError} If one of them cannot be handed to another thread
 */
export function movableDevices(
  devices: readonly { readonly id: string }[],
): MovableDevice[] {
  return devices.map((device) => {
    if (isMovable(device)) return device;
    throw new TypeError(
      `Cannot move the state of ${device.id} over multifd channels: received a device that no other thread can use; set multifd=off`,
    );
  });
}
