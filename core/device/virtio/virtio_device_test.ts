import { assertEquals } from "@std/assert";
import { createVirtualClock } from "../../clock/mod.ts";
import { ERRNO } from "../../libc/mod.ts";
import { DEVICE_STATE, type DeviceState, MIGRATION } from "../../vfio/mod.ts";
import type { Device } from "../device.ts";
import { closeStateMemory } from "../simulated/state_memory.ts";
import { memoryOf } from "../simulated/testdata/memory.ts";
import { gatheredWhole } from "./parts_loader.ts";
import { createPartsObjects } from "./parts_objects.ts";
import {
  deviceOf,
  HEADER,
  infoOf,
  leftOf,
  loaderOf,
  MS,
  realDeviceOf,
  RECORD,
  recordOf,
  sizeOf,
  SMALL,
  writeBytes,
} from "./testdata/devices.ts";
import { VirtioDevice } from "./virtio_device.ts";
import type { VirtioProfile } from "./virtio_profile.ts";

const { ERROR, STOP, RUNNING, STOP_COPY, RESUMING, RUNNING_P2P, PRE_COPY, PRE_COPY_P2P } =
  DEVICE_STATE;
const { EBADF, EINVAL, ENODEV, ENOMSG, ENOSPC, ENOTTY } = ERRNO;

/** Takes the device to the state; what that cost on its clock, in milliseconds. */
function move(device: Device, clock: { nowNs(): number }, state: DeviceState): number {
  const start = clock.nowNs();
  assertEquals(device.setState(state), 0);
  assertEquals(device.getState(), state);
  return (clock.nowNs() - start) / MS;
}

/** What the three calls on the data_fd answer. */
function dataFdCalls(device: Device): unknown[] {
  return [leftOf(device), device.read(null, 1), device.write(null, 0, 1)];
}

Deno.test("the feature set follows the profile", () => {
  const { STOP_COPY, P2P, PRE_COPY } = MIGRATION;
  const flags = (profile: Partial<VirtioProfile>) => deviceOf(profile)[0].migrationFlags;
  assertEquals(flags({}), STOP_COPY | P2P | PRE_COPY);
  assertEquals(flags({ p2p: false }), STOP_COPY | PRE_COPY);
  assertEquals(flags({ precopy: false }), STOP_COPY | P2P);
});

Deno.test("a state that the device does not have, and one without a way, is EINVAL", () => {
  const [bare] = deviceOf({ p2p: false, precopy: false });
  for (const state of [PRE_COPY, PRE_COPY_P2P, RUNNING_P2P, ERROR]) {
    assertEquals(bare.setState(state), -EINVAL);
    assertEquals(bare.getState(), RUNNING);
  }
  assertEquals(bare.setPrecopyInfoV2(), -EINVAL);
  const [device] = deviceOf();
  assertEquals(device.setState(STOP_COPY), 0);
  assertEquals(device.setState(PRE_COPY), -EINVAL);
  assertEquals(device.getState(), STOP_COPY);
});

Deno.test("the sizes answered at every point of a precopy", () => {
  const [device, clock] = deviceOf();
  assertEquals(sizeOf(device), 1000);
  device.setState(PRE_COPY);
  assertEquals(leftOf(device), [RECORD, 0]);
  assertEquals(device.read(null, 16), 16);
  assertEquals(leftOf(device), [1000, 0]);
  assertEquals(device.read(null, 5000), 1000);
  // Everything is read, and the second is not over.
  assertEquals(leftOf(device), [0, 0]);
  assertEquals(device.read(null, 5000), -ENOMSG);
  clock.sleepNs(1000 * MS);
  assertEquals(leftOf(device), [0, 0]);
  clock.sleepNs(1);
  // A reading anew is answered without the header that comes with it.
  assertEquals(leftOf(device), [0, 1000]);
  assertEquals(leftOf(device), [0, RECORD]);
  assertEquals(device.read(null, 500), 500);
  assertEquals(leftOf(device), [0, RECORD - 500]);
  assertEquals(sizeOf(device), 1000);
  clock.sleepNs(1001 * MS);
  // Not everything is read: the size is added and nothing is read anew.
  assertEquals(leftOf(device), [0, RECORD - 500 + 1000]);
  assertEquals(leftOf(device), [0, RECORD - 500]);
  assertEquals(device.read(null, 5000), RECORD - 500);
  device.setState(PRE_COPY_P2P);
  assertEquals(leftOf(device), [0, 0]);
  assertEquals(device.read(null, 5000), -ENOMSG);
  clock.sleepNs(1001 * MS);
  assertEquals(leftOf(device), [0, 1000]);
  device.setState(STOP_COPY);
  assertEquals(leftOf(device), -EINVAL);
  assertEquals(sizeOf(device), 1000);
  // What was not read yet, and the full state again.
  assertEquals(device.read(null, 5000), 2 * RECORD);
  assertEquals(device.read(null, 5000), 0);
  assertEquals(device.read(null, 5000), 0);
});

Deno.test("a query uses the limiter up even where its answer is of no use", () => {
  const [device, clock] = deviceOf();
  device.setState(PRE_COPY);
  clock.sleepNs(5000 * MS);
  assertEquals(leftOf(device), [RECORD, 0]);
  device.read(null, 5000);
  clock.sleepNs(999 * MS);
  assertEquals(leftOf(device), [0, 0]);
  clock.sleepNs(2 * MS);
  assertEquals(leftOf(device), [0, 1000]);
});

Deno.test("without a query before, the first one after everything is read reads anew", () => {
  const [device] = deviceOf();
  device.setState(PRE_COPY);
  device.read(null, 5000);
  assertEquals(leftOf(device), [0, 1000]);
  assertEquals(device.read(null, 5000), RECORD);
});

Deno.test("every session has a limiter of its own", () => {
  const [device] = deviceOf();
  for (let session = 0; session < 2; session++) {
    device.setState(PRE_COPY);
    device.read(null, 5000);
    assertEquals(leftOf(device), [0, 1000]);
    assertEquals(leftOf(device), [0, RECORD]);
    device.setState(RUNNING);
  }
});

Deno.test("an idle device is dirty in full once a second, for as long as it is asked", () => {
  const [device, clock] = deviceOf({ refresh_period_ms: 1000 });
  device.setState(PRE_COPY);
  leftOf(device);
  const start = clock.nowNs();
  const refreshes: number[] = [];
  let moved = 0;
  for (let i = 0; i < 5000; i++) {
    clock.sleepNs(1 * MS);
    const n = device.read(null, 5000);
    if (n > 0) moved += n;
    const info = infoOf(device);
    if (typeof info !== "number" && info.dirtyBytes > 0) {
      refreshes.push(Math.round((clock.nowNs() - start) / MS));
    }
  }
  assertEquals(refreshes, [1001, 2002, 3003, 4004]);
  assertEquals(moved, 5 * RECORD);
});

Deno.test("without precopy the stop-copy is one record, and its announced size lacks the header", () => {
  const [device] = deviceOf({ precopy: false });
  device.setState(STOP_COPY);
  assertEquals(sizeOf(device), 1000);
  assertEquals(device.read(null, 1), 1);
  assertEquals(sizeOf(device), 1000);
  assertEquals(device.read(null, 5000), RECORD - 1);
  assertEquals(device.read(null, 5000), 0);
});

Deno.test("no read and no write of nothing is an error", () => {
  const [device] = deviceOf();
  device.setState(PRE_COPY);
  device.read(null, 5000);
  assertEquals(device.read(null, 0), 0);
  const [to] = loaderOf(device);
  to.setState(RESUMING);
  assertEquals(to.write(null, 0, 0), 0);
});

Deno.test("a failed refresh is an error of that query alone", () => {
  const [device, clock] = deviceOf({ refresh_error_at_ms: [500, 600, 1500] });
  device.setState(PRE_COPY);
  leftOf(device);
  device.read(null, 5000);
  clock.sleepNs(1001 * MS);
  assertEquals(leftOf(device), -EINVAL);
  assertEquals(leftOf(device), [0, 0]);
  assertEquals(device.read(null, 5000), -ENOMSG);
  clock.sleepNs(1001 * MS);
  assertEquals(leftOf(device), -EINVAL);
  clock.sleepNs(1001 * MS);
  assertEquals(leftOf(device), [0, 1000]);
  assertEquals(device.read(null, 5000), RECORD);
  device.setState(STOP_COPY);
  assertEquals(device.read(null, 5000), RECORD);
});

Deno.test("where the final reading fails the device stays in PRE_COPY_P2P with a dead data_fd", () => {
  const objects = createPartsObjects();
  const memory = memoryOf(1000, 1);
  const clock = createVirtualClock();
  const device = new VirtioDevice({ id: "broken", profile: SMALL, clock, memory, objects });
  try {
    assertEquals(device.setState(PRE_COPY), 0);
    closeStateMemory(memory); // the device has lost its state
    assertEquals(device.setState(STOP_COPY), -EBADF);
    assertEquals(device.getState(), PRE_COPY_P2P);
    assertEquals(dataFdCalls(device), [-ENODEV, -ENODEV, -EBADF]);
    assertEquals(device.setState(STOP_COPY), -ENODEV);
    assertEquals(device.setState(RUNNING), 0);
    assertEquals(device.setState(PRE_COPY), -EBADF);
    assertEquals(objects.inUse, 0);
  } finally {
    device.close();
  }
});

Deno.test("precopy info echoes flags until the opt-in, then clears them; there is no REINIT", () => {
  const [device] = deviceOf();
  device.setState(PRE_COPY);
  assertEquals(infoOf(device, 77), { flags: 77, initialBytes: RECORD, dirtyBytes: 0 });
  assertEquals(device.setPrecopyInfoV2(), 0);
  assertEquals(infoOf(device, 77), { flags: 0, initialBytes: RECORD, dirtyBytes: 0 });
});

Deno.test("the data_fd's calls before any session, in the wrong direction, after close", () => {
  const [device] = deviceOf();
  assertEquals(dataFdCalls(device), [-EBADF, -EBADF, -EBADF]);
  device.setState(RESUMING);
  assertEquals([leftOf(device), device.read(null, 1)], [-ENOTTY, -EBADF]);
  device.reset();
  device.setState(PRE_COPY);
  assertEquals(device.write(null, 0, 1), -EBADF);
  device.close();
  device.close();
  assertEquals(dataFdCalls(device), [-EBADF, -EBADF, -EBADF]);
  assertEquals(device.setState(RUNNING), -EBADF);
  assertEquals(device.setPrecopyInfoV2(), -EBADF);
  assertEquals(sizeOf(device), -EBADF);
  assertEquals(device.reset(), -EBADF);
});

/** Every way in which a session can end. */
const SAVING_ENDS: readonly [string, (device: Device) => number][] = [
  ["PRE_COPY to RUNNING", (device) => device.setState(PRE_COPY) || device.setState(RUNNING)],
  ["PRE_COPY to STOP", (device) => device.setState(PRE_COPY) || device.setState(STOP)],
  [
    "PRE_COPY_P2P to RUNNING_P2P",
    (device) => device.setState(PRE_COPY_P2P) || device.setState(RUNNING_P2P),
  ],
  ["a reset in PRE_COPY", (device) => device.setState(PRE_COPY) || device.reset()],
  ["a reset in PRE_COPY_P2P", (device) => device.setState(PRE_COPY_P2P) || device.reset()],
  [
    "STOP_COPY to STOP",
    (device) => device.setState(PRE_COPY) || device.setState(STOP_COPY) || device.setState(STOP),
  ],
  ["STOP_COPY to RUNNING", (device) => device.setState(STOP_COPY) || device.setState(RUNNING)],
  ["STOP_COPY to RESUMING and on", (device) => {
    return device.setState(STOP_COPY) || device.setState(RESUMING) || device.setState(STOP);
  }],
  ["a reset in STOP_COPY", (device) => device.setState(STOP_COPY) || device.reset()],
];

const RESUMING_ENDS: readonly [string, (device: Device) => number][] = [
  ["RESUMING to STOP", (device) => device.setState(RESUMING) || device.setState(STOP)],
  ["RESUMING to RUNNING", (device) => device.setState(RESUMING) || device.setState(RUNNING)],
  ["a reset in RESUMING", (device) => device.setState(RESUMING) || device.reset()],
  ["RESUMING after a refused record", (device) => {
    const set = device.setState(RESUMING);
    assertEquals(writeBytes(device, recordOf(new Uint8Array(1))), -EINVAL);
    return set || device.setState(RUNNING);
  }],
];

Deno.test("an object lives as long as a session, whatever ends it", () => {
  for (const [name, end] of [...SAVING_ENDS, ...RESUMING_ENDS]) {
    const objects = createPartsObjects();
    const [device] = deviceOf({}, objects);
    for (let nth = 0; nth < 2; nth++) {
      assertEquals(end(device), 0, name);
      assertEquals(objects.inUse, 0, name);
    }
    device.setState(RUNNING);
    device.setState(PRE_COPY);
    assertEquals(objects.inUse, 1, name);
    device.close();
    assertEquals(objects.inUse, 0, name);
  }
});

Deno.test("once its session is over a data_fd gives ENODEV, whatever ended it", () => {
  for (const [name, end] of SAVING_ENDS) {
    const [device] = deviceOf();
    end(device);
    if (name.includes("RESUMING")) continue; // there is another data_fd
    assertEquals(dataFdCalls(device), [-EINVAL, -ENODEV, -EBADF], name);
    assertEquals(device.setState(RUNNING), 0);
    assertEquals(device.setState(PRE_COPY), 0);
    assertEquals(leftOf(device), [RECORD, 0], name);
  }
  for (const [name, end] of RESUMING_ENDS) {
    const [device] = deviceOf();
    end(device);
    assertEquals(dataFdCalls(device), [-ENOTTY, -EBADF, -ENODEV], name);
  }
});

Deno.test("two devices of one owner share its objects, and who finds none stays where it is", () => {
  const objects = createPartsObjects(1);
  const [a] = deviceOf({}, objects);
  const [b] = deviceOf({}, objects);
  assertEquals(sizeOf(b), 1000);
  assertEquals(a.setState(PRE_COPY), 0);
  assertEquals(sizeOf(a), 1000);
  // A question outside of a session needs an object too.
  assertEquals(sizeOf(b), -ENOSPC);
  assertEquals(b.setState(PRE_COPY), -ENOSPC);
  assertEquals(b.getState(), RUNNING);
  assertEquals(b.setState(STOP_COPY), -ENOSPC);
  assertEquals(b.getState(), STOP);
  assertEquals(b.setState(RESUMING), -ENOSPC);
  assertEquals(b.getState(), STOP);
  assertEquals(dataFdCalls(b), [-EBADF, -EBADF, -EBADF]);
  assertEquals(a.setState(RUNNING), 0);
  assertEquals(b.setState(RESUMING), 0);
  assertEquals(a.setState(PRE_COPY), -ENOSPC);
  assertEquals(objects.inUse, 1);
});

Deno.test("255 devices of one owner migrate at once, and the 256th does not", () => {
  const objects = createPartsObjects();
  for (let nth = 0; nth < 255; nth++) {
    assertEquals(deviceOf({}, objects)[0].setState(PRE_COPY), 0);
  }
  assertEquals(deviceOf({}, objects)[0].setState(PRE_COPY), -ENOSPC);
});

Deno.test("a device without parts has nothing to migrate, and leaves no object behind", () => {
  const objects = createPartsObjects();
  const [device] = deviceOf({ state_size: 0 }, objects);
  assertEquals(device.setState(PRE_COPY), -EINVAL);
  assertEquals(device.getState(), RUNNING);
  assertEquals(objects.inUse, 0);
});

Deno.test("between RUNNING_P2P and STOP there is nothing to do", () => {
  const [device, clock] = deviceOf({ admin_command_ms: 1, suspend_ms: 10, resume_ms: 100 });
  assertEquals(move(device, clock, RUNNING_P2P), 11);
  assertEquals(move(device, clock, STOP), 0);
  assertEquals(move(device, clock, RUNNING_P2P), 0);
  assertEquals(move(device, clock, RUNNING), 101);
  assertEquals(move(device, clock, STOP), 11);
  assertEquals(move(device, clock, RUNNING), 101);
});

Deno.test("every arc costs its commands, and what the device takes for them", () => {
  // 1000 bytes at 100 kB/s are 10 ms.
  const costs = { admin_command_ms: 1, save_rate: 100e3, suspend_ms: 200, resume_ms: 3000 };
  const [device, clock] = deviceOf(costs);
  assertEquals(move(device, clock, PRE_COPY), 3 + 10);
  assertEquals(move(device, clock, PRE_COPY_P2P), 1 + 200);
  assertEquals(move(device, clock, PRE_COPY), 1 + 3000);
  assertEquals(move(device, clock, PRE_COPY_P2P), 1 + 200);
  assertEquals(move(device, clock, STOP_COPY), 2 + 10);
  assertEquals(move(device, clock, STOP), 1);
  assertEquals(move(device, clock, STOP_COPY), 3 + 10);
  assertEquals(move(device, clock, RESUMING), 1 + 1);
  assertEquals(move(device, clock, RUNNING_P2P), 1);
  assertEquals(move(device, clock, PRE_COPY_P2P), 3 + 10);
  assertEquals(move(device, clock, RUNNING_P2P), 1);
  const start = clock.nowNs();
  device.setState(PRE_COPY_P2P);
  device.reset();
  assertEquals((clock.nowNs() - start) / MS, 3 + 10 + 1);
  const [without, other] = deviceOf({ ...costs, p2p: false });
  without.setState(PRE_COPY);
  assertEquals(move(without, other, STOP_COPY), 1 + 200 + 2 + 10);
});

Deno.test("a query costs a command where the limiter allows it, and a reading anew besides", () => {
  const [device, clock] = deviceOf({ admin_command_ms: 1, save_rate: 100e3 });
  const cost = (call: () => unknown) => {
    const start = clock.nowNs();
    call();
    return (clock.nowNs() - start) / MS;
  };
  assertEquals(cost(() => sizeOf(device)), 3);
  device.setState(PRE_COPY);
  assertEquals(cost(() => sizeOf(device)), 1);
  assertEquals(cost(() => leftOf(device)), 1);
  assertEquals(cost(() => leftOf(device)), 0);
  assertEquals(cost(() => device.read(null, 5000)), 0);
  clock.sleepNs(1000 * MS);
  assertEquals(cost(() => leftOf(device)), 2 + 10);
  assertEquals(cost(() => device.read(null, 5000)), 0);
});

Deno.test("the first record that a destination takes prepares it, the others only load", () => {
  const [source] = deviceOf();
  source.setState(PRE_COPY);
  source.read(null, 5000);
  source.setState(STOP_COPY);
  source.read(null, 5000);
  const costs = { admin_command_ms: 1, load_rate: 100e3, prepare_ms: 200 };
  const [to, clock] = loaderOf(source, costs);
  to.setState(RESUMING);
  const cost = (length: number) => {
    const start = clock.nowNs();
    assertEquals(to.write(null, 0, length), length);
    return (clock.nowNs() - start) / MS;
  };
  assertEquals(cost(RECORD - 1), 0);
  assertEquals(cost(1), 1 + 10 + 200);
  assertEquals(cost(RECORD), 1 + 10);
  to.setState(STOP);
  // A new session has to prepare again.
  to.setState(RESUMING);
  source.setState(STOP);
  source.setState(STOP_COPY);
  assertEquals(cost(RECORD), 1 + 10 + 200);
});

Deno.test("preparing can depend on the size", () => {
  const profile = { state_size: 4 * 1024 * 1024, prepare_ms: 5, prepare_ms_per_mib: 25 };
  const [source] = deviceOf(profile);
  source.setState(STOP_COPY);
  const [to, clock] = loaderOf(source, profile);
  to.setState(RESUMING);
  to.write(null, 0, source.read(null, 1e9));
  assertEquals(clock.nowNs() / MS, 105);
});

Deno.test("a refused record is an errno at once, and the data_fd is ENODEV from then on", () => {
  const { ENOMEM, EOPNOTSUPP } = ERRNO;
  const good = recordOf(new Uint8Array(1000));
  const refusals: [number, Uint8Array][] = [
    [-EINVAL, recordOf(new Uint8Array(999))],
    [-EOPNOTSUPP, recordOf(new Uint8Array(1000), 0, 9)],
    [-ENOMEM, recordOf(new Uint8Array(1001))],
  ];
  for (const [errno, bad] of refusals) {
    const [to] = deviceOf({ record_limit: 1000 });
    to.setState(RESUMING);
    // Even where a good record comes in the same write.
    assertEquals(writeBytes(to, Uint8Array.of(...good, ...bad)), errno);
    assertEquals(writeBytes(to, good), -ENODEV);
    assertEquals(to.setState(STOP), 0);
    assertEquals(to.setState(RESUMING), 0);
    assertEquals(writeBytes(to, recordOf(new Uint8Array(3), 1, 9)), HEADER + 3);
    assertEquals(writeBytes(to, good), good.length);
  }
});

Deno.test("RESUMING to STOP looks at nothing; whether the state came whole is to be asked", () => {
  const [source] = deviceOf();
  source.setState(PRE_COPY);
  source.setState(STOP_COPY);
  const [to] = loaderOf(source);
  to.setState(RESUMING);
  assertEquals(gatheredWhole(to.loader), false);
  assertEquals(to.write(null, 0, 2 * RECORD - 1), 2 * RECORD - 1);
  assertEquals(to.setState(STOP), 0);
  assertEquals(gatheredWhole(to.loader), false);
});

Deno.test("what was loaded is whole after the session too, and neither after a refusal nor a reset", () => {
  const good = recordOf(new Uint8Array(1000));
  const [to] = deviceOf();
  to.setState(RESUMING);
  writeBytes(to, good);
  to.setState(RUNNING);
  assertEquals(gatheredWhole(to.loader), true);
  for (const bad of [recordOf(new Uint8Array(1)), recordOf(new Uint8Array(1), 0, 9)]) {
    to.setState(RESUMING);
    writeBytes(to, good);
    writeBytes(to, bad);
    to.setState(RUNNING);
    assertEquals(gatheredWhole(to.loader), false);
  }
  to.setState(RESUMING);
  writeBytes(to, good);
  to.reset();
  assertEquals(gatheredWhole(to.loader), false);
});

Deno.test("the image is the device's memory until it is closed", () => {
  const device = realDeviceOf({}, createVirtualClock(), 1);
  assertEquals(device.image()?.length, 1000);
  device.close();
  assertEquals(device.image(), null);
  assertEquals(deviceOf()[0].image(), null);
});
