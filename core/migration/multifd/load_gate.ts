import { ERRNO } from "../../libc/mod.ts";

// The words, in order; then a word for each device.
const DEVICE_COUNT = 0;
const CONFIG_AFTER_ITER = 1;
const SWITCHOVER = 2;
const EXIT = 3;
const EXITER = 4;
const CONFIG_HOLDER = 5;
const CHANGES = 6;
const RUNNING = 7;
const HEADER_WORDS = 8;

// Bits of a device's word.
const ENABLED = 1;
const CONFIG_READY = 2;
const ENDED = 4;

/** The word that changes with everything a load can wait for here: to wait on. */
export const LOAD_CHANGES_WORD = CHANGES;

/**
 * What the loads of all devices have in common: when they may start, whose turn it is to load a configuration,
 * and the flag that ends them. In words that Workers can share, as those of the send jobs; nothing waits here.
 *
 * ```text
 *   main channel   --SWITCHOVER_START----> all loads may start: everything of precopy is loaded
 *                  --CONFIG_LOAD_READY---> one device's configuration may be loaded (load-config-after-iter)
 *   a load         <--config turn--------> one at a time, over all devices (QEMU: the BQL)
 *   anyone         --cancel--------------> all loads end where they wait, or before their next buffer
 * ```
 */
export interface LoadGate {
  readonly words: Int32Array;
}

/**
 * Makes the words in shared memory; each thread attaches with {@linkcode attachLoadGate}.
 *
 * @param transferEnabled For each device whether it does multifd transfer at this side
 * @param loadConfigAfterIter `x-migration-load-config-after-iter`
 */
export function createLoadGate(
  transferEnabled: readonly boolean[],
  loadConfigAfterIter: boolean,
): LoadGate {
  const size = (HEADER_WORDS + transferEnabled.length) * 4;
  const words = new Int32Array(new SharedArrayBuffer(size));
  words[DEVICE_COUNT] = transferEnabled.length;
  words[CONFIG_AFTER_ITER] = loadConfigAfterIter ? 1 : 0;
  words[EXITER] = -1;
  words[RUNNING] = transferEnabled.filter((enabled) => enabled).length;
  for (const [device, enabled] of transferEnabled.entries()) {
    words[HEADER_WORDS + device] = enabled ? ENABLED : 0;
  }
  return { words };
}

/** The same gate in another thread. */
export function attachLoadGate(words: Int32Array): LoadGate {
  return { words };
}

/** Whether a device does multifd transfer. */
export function transferEnabled(gate: LoadGate, device: number): boolean {
  return (deviceWord(gate, device) & ENABLED) !== 0;
}

/**
 * SWITCHOVER_START came on the main channel.
 *
 * @returns 0, or -EALREADY if it came before
 */
export function startSwitchover({ words }: LoadGate): number {
  if (Atomics.exchange(words, SWITCHOVER, 1) !== 0) return -ERRNO.EALREADY;
  Atomics.add(words, CHANGES, 1);
  return 0;
}

/** Whether SWITCHOVER_START came. */
export function switchoverStarted({ words }: LoadGate): boolean {
  return Atomics.load(words, SWITCHOVER) !== 0;
}

/**
 * A device's CONFIG_LOAD_READY came on the main channel.
 *
 * @returns 0; -EOPNOTSUPP for a device without multifd transfer; -EINVAL without load-config-after-iter;
 * -EALREADY for a duplicate
 */
export function noteConfigReady(gate: LoadGate, device: number): number {
  if (!transferEnabled(gate, device)) return -ERRNO.EOPNOTSUPP;
  if (Atomics.load(gate.words, CONFIG_AFTER_ITER) === 0) return -ERRNO.EINVAL;
  const before = Atomics.or(gate.words, HEADER_WORDS + device, CONFIG_READY);
  if ((before & CONFIG_READY) !== 0) return -ERRNO.EALREADY;
  Atomics.add(gate.words, CHANGES, 1);
  return 0;
}

/** Whether a device's configuration may be loaded once its data is. */
export function configReady(gate: LoadGate, device: number): boolean {
  if (Atomics.load(gate.words, CONFIG_AFTER_ITER) === 0) return true;
  return (deviceWord(gate, device) & CONFIG_READY) !== 0;
}

/** Takes the turn to load a configuration; `false` while another device has it. */
export function takeConfigTurn({ words }: LoadGate, device: number): boolean {
  const holder = Atomics.compareExchange(words, CONFIG_HOLDER, 0, device + 1);
  return holder === 0 || holder === device + 1;
}

/** Gives the turn back, if the device has it. */
export function releaseConfigTurn({ words }: LoadGate, device: number): void {
  if (Atomics.compareExchange(words, CONFIG_HOLDER, device + 1, 0) !== device + 1) return;
  Atomics.add(words, CHANGES, 1);
}

/**
 * Ends all loads. The first reason is the one that counts.
 *
 * @param gate The gate
 * @param errno Why: a negative errno
 * @param device Whose load failed, or -1 for no device's
 */
export function cancelLoads({ words }: LoadGate, errno: number, device: number): void {
  if (Atomics.compareExchange(words, EXIT, 0, errno) === 0) Atomics.store(words, EXITER, device);
  Atomics.add(words, CHANGES, 1);
}

/** Whether the loads are to end: 0, or the negative errno of the first reason. */
export function loadsCancelled({ words }: LoadGate): number {
  return Atomics.load(words, EXIT);
}

/** The device whose load failed first, once all are joined; -1 where it was none's. */
export function loadCanceller({ words }: LoadGate): number {
  return Atomics.load(words, EXITER);
}

/**
 * Takes a device's load as ended; a failed one ends the others. Once for each device: again is nothing.
 *
 * @param gate The gate
 * @param device The device
 * @param result 0, or the negative errno that it failed with
 */
export function endLoad(gate: LoadGate, device: number, result: number): void {
  const { words } = gate;
  if (result < 0) cancelLoads(gate, result, device);
  const before = Atomics.or(words, HEADER_WORDS + device, ENDED);
  if ((before & (ENABLED | ENDED)) === ENABLED) Atomics.sub(words, RUNNING, 1);
  Atomics.add(words, CHANGES, 1);
}

/** How many loads have not ended: at 0 all are joined, and the guest may start if none was cancelled. */
export function loadsRunning({ words }: LoadGate): number {
  return Atomics.load(words, RUNNING);
}

function deviceWord({ words }: LoadGate, device: number): number {
  if (!(device >= 0 && device < Atomics.load(words, DEVICE_COUNT))) return 0;
  return Atomics.load(words, HEADER_WORDS + device);
}
