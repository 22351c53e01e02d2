import {
  closeMultifdSockets,
  type MultifdSockets,
  openMultifdSockets,
} from "../../../channel/multifd_sockets.ts";
import { createSender, openChannel } from "../../../channel/mod.ts";
import { closeChannel, createReceiver } from "../../../channel/mod.ts";
import { wallClock } from "../../../clock/mod.ts";
import {
  createStateMemory,
  type DeviceProfile,
  fillState,
  GENERIC_PROFILE,
  SimulatedDevice,
} from "../../../device/mod.ts";
import { DEVICE_STATE } from "../../../vfio/mod.ts";
import { createDestinationRun, type DestinationRun } from "../../destination.ts";
import { type Failure, MigrationError } from "../../migration_error.ts";
import { type MigrationOptions, NO_COSTS } from "../../options.ts";
import { POLICIES } from "../../policy/mod.ts";
import { createSourceRun, type SourceRun } from "../../source_run.ts";
import type { LoadShared } from "../load_shared.ts";
import { type MultifdLoadThreads, startMultifdLoad } from "../multifd_load.ts";
import { type MultifdSaveThreads, startMultifdSave } from "../multifd_save.ts";
import type { SaveShared } from "../save_shared.ts";
import type { ThreadSupply } from "../thread_supply.ts";

/** Both sides of a transfer whose devices were stopped already, all threads started and none running. */
export interface Transfer {
  readonly sources: readonly SimulatedDevice[];
  readonly destinations: readonly SimulatedDevice[];
  readonly sockets: MultifdSockets;
  readonly save: MultifdSaveThreads;
  readonly load: MultifdLoadThreads;
  readonly sourceRun: SourceRun;
  readonly destinationRun: DestinationRun;
}

export interface TransferSetup {
  readonly kind?: "unix" | "tcp";
  readonly channels?: number;
  readonly devices: readonly Partial<DeviceProfile>[];
  readonly destinations?: readonly Partial<DeviceProfile>[];
  readonly bufferSize?: number;
  readonly maxQueuedBytes?: number;
  /** Looked at while the source is joined. */
  readonly isCancelled?: () => boolean;
  /** Where threads are from, and go to after the test; they end with it unless given. */
  readonly supply?: {
    readonly save: ThreadSupply<SaveShared>;
    readonly load: ThreadSupply<LoadShared>;
  };
}

export const STATE_SIZE = 2 * 1024 * 1024;
const BUFFER_SIZE = 128 * 1024;

const OPTIONS: MigrationOptions = {
  bufferSize: BUFFER_SIZE,
  downtimeLimitMs: 300,
  maxBandwidth: 0,
  availSwitchoverBandwidth: 0,
  switchoverAck: false,
  switchoverAckLegacy: false,
  xEnableMigration: true,
  pauseBeforeSwitchoverMs: 0,
  guestPausedAtMs: Infinity,
  cancelAtMs: Infinity,
  returnPath: true,
  reinit: true,
  maxTimeMs: 10_000,
};

/** Sets a transfer up, lets the test do with it what it wants, and leaves nothing of it. */
export async function withTransfer(
  setup: TransferSetup,
  test: (transfer: Transfer) => void,
): Promise<void> {
  const { kind = "unix", channels = 2, maxQueuedBytes = 0, isCancelled = () => false } = setup;
  const bufferSize = setup.bufferSize ?? BUFFER_SIZE;
  const sources = setup.devices.map((profile, i) => device(`nic${i}`, profile, i + 1));
  const destinations = (setup.destinations ?? setup.devices)
    .map((profile, i) => device(`nic${i}`, profile, null));
  const sockets = openMultifdSockets(kind, channels);
  const main = openChannel({ kind: "ring", bufferSize, ringSlots: 4, port: 0, path: "" });
  const sizes = setup.devices.map(({ read_limit = 0, state_size = STATE_SIZE }) => {
    const mostRead = read_limit > 0 ? Math.min(read_limit, bufferSize) : bufferSize;
    return { stateBytes: 2 * state_size, leastRead: mostRead, mostRead };
  });
  const [save, load] = await Promise.all([
    startMultifdSave(sources, sockets.source, bufferSize, setup.supply?.save),
    startMultifdLoad(
      destinations,
      sockets.destination,
      { maxQueuedBytes, sizes },
      setup.supply?.load,
    ),
  ]);
  const common = {
    ram: null,
    policy: POLICIES["qemu-11.1"],
    options: OPTIONS,
    clock: wallClock,
    costs: NO_COSTS,
  };
  try {
    for (const one of sources) stop(one);
    for (const one of destinations) one.setState(DEVICE_STATE.RESUMING);
    test({
      sources,
      destinations,
      sockets,
      save,
      load,
      sourceRun: createSourceRun({
        ...common,
        devices: sources,
        sender: createSender(main.source),
        multifd: save,
        isCancelled,
        onRead: null,
      }),
      destinationRun: createDestinationRun({
        ...common,
        devices: destinations,
        receiver: createReceiver(main.destination),
        multifd: load,
        onWrite: null,
      }),
    });
  } finally {
    save.close(setup.supply !== undefined);
    load.close(setup.supply !== undefined);
    closeChannel(main);
    closeMultifdSockets(sockets);
    for (const one of [...sources, ...destinations]) one.close();
  }
}

/** Lets both sides do all of it; the failure of each, null where it had none. */
export function play(
  { save, load, sourceRun, destinationRun }: Transfer,
): { source: Failure | null; destination: Failure | null } {
  load.begin();
  save.begin();
  save.start(sourceRun);
  load.start(destinationRun);
  const source = failureOf(() => save.join(sourceRun));
  // What runDestination does when the main channel breaks, as it does after a failure of the source.
  const destination = failureOf(() => load.join(destinationRun));
  return { source, destination };
}

export function failureOf(call: () => void): Failure | null {
  try {
    call();
    return null;
  } catch (error) {
    if (error instanceof MigrationError) return error.failure;
    throw error;
  }
}

function device(id: string, given: Partial<DeviceProfile>, seed: number | null): SimulatedDevice {
  const profile: DeviceProfile = { ...GENERIC_PROFILE, state_size: STATE_SIZE, ...given };
  const memory = createStateMemory(id, profile.state_size);
  if (typeof memory === "number") throw new Error(`Cannot make a state: received ${memory}`);
  if (seed !== null) fillState(memory, seed);
  return new SimulatedDevice({ id, profile, clock: wallClock, memory });
}

/** What the main channel's part of a migration leaves: STOP_COPY after precopy, else STOP. */
function stop(one: SimulatedDevice): void {
  const state = one.setState(DEVICE_STATE.PRE_COPY) >= 0
    ? DEVICE_STATE.STOP_COPY
    : DEVICE_STATE.STOP;
  one.setState(state);
}
