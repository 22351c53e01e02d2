// In a guest with the module: deno task test:vfio
import { assertEquals } from "@std/assert";
import { regionOf } from "../../../core/libc/mod.ts";
import {
  DEVICE_STATE,
  DEVICE_STATES,
  type DeviceState,
  deviceStateName,
  MIGRATION,
  opensSession,
  supportsState,
  transitionPath,
} from "../../../core/vfio/mod.ts";
import { Migdev } from "./testdata/migdev.ts";
import type { RawDevice } from "./testdata/raw_device.ts";

const { ERROR, STOP, RUNNING, STOP_COPY, RESUMING } = DEVICE_STATE;
const EINVAL = -22;
const SMALL = { state_size: 1000, initial_fraction: 0.5, chunk_size: 100 };
const memory = regionOf(new ArrayBuffer(64 * 1024));

/** Reads the whole of the session's stream and gives its length; the bytes are in `memory`. */
function readWhole(device: RawDevice): number {
  return device.read(memory, memory.bytes.length);
}

/** Takes a RUNNING device into the state, in a way that every feature set has; ERROR by a fault. */
function bringTo(migdev: Migdev, device: RawDevice, state: DeviceState): void {
  assertEquals(device.reset(), 0);
  device.closeData();
  if (state === ERROR) migdev.set("error", 1);
  else assertEquals(device.setState(state), 0);
  assertEquals(device.getState(), state);
}

/** Gives a RESUMING device all that it needs to leave. */
function fillResuming(device: RawDevice, stream: Uint8Array): void {
  memory.bytes.set(stream);
  assertEquals(device.write(memory, 0, stream.length), stream.length);
}

for (const p2p of [true, false]) {
  for (const precopy of [true, false]) {
    Deno.test(`with P2P ${p2p} and PRE_COPY ${precopy} every pair of states goes the way of the table`, () => {
      const migdev = new Migdev(0);
      migdev.use({ ...SMALL, p2p, precopy });
      using device = migdev.open();
      const flags = MIGRATION.STOP_COPY | (p2p ? MIGRATION.P2P : 0) |
        (precopy ? MIGRATION.PRE_COPY : 0);
      assertEquals(device.migrationFlags, flags);
      bringTo(migdev, device, STOP_COPY);
      const stream = memory.bytes.slice(0, readWhole(device));

      let pairs = 0;
      for (const from of DEVICE_STATES) {
        if (from !== ERROR && !supportsState(flags, from)) continue;
        for (const to of DEVICE_STATES) {
          bringTo(migdev, device, from);
          if (from === RESUMING) fillResuming(device, stream);
          device.closeData();
          const path = transitionPath(flags, from, to);
          const pair = `${deviceStateName(from)} -> ${deviceStateName(to)}`;
          assertEquals(device.setState(to), path === null ? EINVAL : 0, pair);
          assertEquals(device.getState(), path === null ? from : to, pair);
          const gives = path !== null && path.length > 0 && opensSession(from, to) !== null;
          assertEquals(device.dataFd >= 0, gives, `${pair}: a data_fd`);
          pairs++;
        }
      }
      const states = 5 + Number(p2p) + Number(precopy) + Number(p2p && precopy);
      assertEquals(pairs, states * DEVICE_STATES.length);
    });
  }
}

Deno.test("an arc that fails leaves the device where it got to, step by step along the table", () => {
  const migdev = new Migdev(0);
  migdev.use(SMALL);
  using device = migdev.open();
  for (const from of DEVICE_STATES) {
    if (from === ERROR || from === RESUMING) continue;
    for (const to of DEVICE_STATES) {
      const path = transitionPath(device.migrationFlags, from, to) ?? [];
      for (const [index, failing] of path.entries()) {
        bringTo(migdev, device, from);
        migdev.set("fail_state", `${deviceStateName(failing)} EBUSY`);
        const step = `${deviceStateName(from)} -> ${deviceStateName(to)} at ${
          deviceStateName(failing)
        }`;
        assertEquals(device.setState(to), -16, step);
        assertEquals(device.getState(), index === 0 ? from : path[index - 1], step);
        // Once: the next try gets there, where the state it is in has a way.
        assertEquals(migdev.get("fail_state"), "none");
        assertEquals(device.setState(to), 0, step);
      }
    }
  }
});

Deno.test("a state that is no state is EINVAL", () => {
  const migdev = new Migdev(0);
  migdev.use(SMALL);
  using device = migdev.open();
  for (const state of [8, 9, 0xffffffff]) assertEquals(device.setState(state), EINVAL);
  assertEquals(device.getState(), RUNNING);
});

Deno.test("RESUMING is left for no state before its stream is whole, and by a reset at any time", () => {
  const migdev = new Migdev(0);
  migdev.use(SMALL);
  using device = migdev.open();
  bringTo(migdev, device, STOP_COPY);
  const stream = memory.bytes.slice(0, readWhole(device));
  for (const given of [0, 1, 24, 25, stream.length - 1]) {
    for (const to of DEVICE_STATES) {
      if (to === RESUMING) continue;
      bringTo(migdev, device, RESUMING);
      fillResuming(device, stream.subarray(0, given));
      assertEquals(device.setState(to), EINVAL);
      assertEquals(device.getState(), RESUMING);
      assertEquals(device.reset(), 0);
      assertEquals(device.getState(), RUNNING);
    }
  }
  bringTo(migdev, device, RESUMING);
  fillResuming(device, stream);
  assertEquals(device.setState(STOP), 0);
});
