import { errnoMessage, errnoName } from "../../libc/mod.ts";

/** A VFIO device of this host that cannot be used as it stands: one line that says why and what to do. */
export class DeviceError extends Error {
  override name = "DeviceError";
  /** The device as it was named. */
  readonly device: string;
  /** The call that failed, by the kernel's name; null where none did. */
  readonly call: string | null;
  /** Its errno, by name. */
  readonly errno: string | null;

  constructor(device: string, message: string, call?: { readonly call: string; errno: number }) {
    super(message);
    this.device = device;
    this.call = call?.call ?? null;
    this.errno = call === undefined ? null : errnoName(call.errno);
  }
}

/** "Cannot open <device>: <call> gave EACCES (Permission denied); <what to do>". */
export function callError(
  device: string,
  what: string,
  call: string,
  result: number,
  next: string,
): DeviceError {
  const why = `${call} gave ${errnoName(result)} (${errnoMessage(result)})`;
  return new DeviceError(device, `Cannot ${what} ${device}: ${why}; ${next}`, {
    call,
    errno: result,
  });
}
