/**
 * A guest with VFIO devices that migrate, on a machine that has none.
 *
 *     cache.ts          what takes long to make is made once
 *     guest_image.ts    kernel and initramfs out of Debian's packages and this folder's sources
 *     run_guest.ts      boots them and runs a command there
 *     init.c, guest.sh  the guest's side of it
 *     kbuild/           how modules are built that a stock kernel lacks
 *     module/           the synthetic device
 *
 * @module
 */
export { type Accel, chooseAccel } from "./accel.ts";
export { cacheFolder } from "./cache.ts";
export { type GuestImage, guestImage } from "./guest_image.ts";
export { needPrograms } from "./programs.ts";
export { ProgramError } from "./run_program.ts";
export { GuestError, type GuestRun, runGuest } from "./run_guest.ts";
export { parseVmArguments, type VmArguments } from "./vm_arguments.ts";
