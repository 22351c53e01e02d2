// In a guest with the module: deno task test:vfio
import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { openKernelDevice } from "../../../core/device/kernel/mod.ts";
import { createFakeClock } from "../../../core/device/simulated/testdata/fake_clock.ts";
import { bytesOf, memoryOf } from "../../../core/device/simulated/testdata/memory.ts";
import { checksumOf } from "../../../core/device/simulated/state_checksum.ts";
import {
  type Device,
  type DeviceProfile,
  GENERIC_PROFILE,
  SimulatedDevice,
} from "../../../core/device/mod.ts";
import { type Region, regionOf } from "../../../core/libc/mod.ts";
import { DEVICE_STATE, DEVICE_STATES, type DeviceState } from "../../../core/vfio/mod.ts";
import { Migdev } from "./testdata/migdev.ts";

const SEED = 7;
const STATE_SIZE = 3000;
const LONGEST = 4096;

/** A call on a device, and what it is called with. */
type Call =
  | { readonly kind: "setState"; readonly state: DeviceState }
  | { readonly kind: "read"; readonly length: number }
  | { readonly kind: "write"; readonly from: number; readonly length: number }
  | { readonly kind: "info"; readonly flags: number }
  | { readonly kind: "size" | "optIn" | "reset" };

/** What it answered, bytes included. */
function answer(device: Device, call: Call, stream: Uint8Array, memory: Region): unknown {
  switch (call.kind) {
    case "setState":
      return [device.setState(call.state), device.getState()];
    case "read": {
      const n = device.read(memory, call.length);
      return n > 0 ? [...memory.bytes.subarray(0, n)] : n;
    }
    case "write": {
      const piece = stream.subarray(call.from, call.from + call.length);
      memory.bytes.set(piece, 5);
      return device.write(memory, 5, piece.length);
    }
    case "info": {
      const info = { flags: call.flags, initialBytes: -1, dirtyBytes: -1 };
      return [device.getPrecopyInfo(info), info];
    }
    case "size": {
      const size = { stopCopyLength: -1 };
      return [device.getDataSize(size), size];
    }
    case "optIn":
      return device.setPrecopyInfoV2();
    case "reset":
      return [device.reset(), device.getState()];
  }
}

function simulatedOf(profile: DeviceProfile, seed: number): SimulatedDevice {
  const memory = memoryOf(profile.state_size, seed);
  return new SimulatedDevice({ id: "simulated", profile, clock: createFakeClock(), memory });
}

/** The stream of another device of this profile, saved without precopy. */
function savedStream(profile: DeviceProfile): Uint8Array {
  const device = simulatedOf({ ...profile, read_limit: 0 }, SEED + 1);
  device.setState(DEVICE_STATE.STOP_COPY);
  const region = regionOf(new ArrayBuffer(LONGEST));
  const n = device.read(region, LONGEST);
  device.close();
  return region.bytes.slice(0, n);
}

const anyProfile = fc.record({
  p2p: fc.boolean(),
  precopy: fc.boolean(),
  initial_fraction: fc.constantFrom(0, 0.25, 0.5, 1),
  chunk_size: fc.constantFrom(16, 100, 128, 700),
  dirty_span: fc.constantFrom(0, 10, 250, 1000),
  dirty_every_reads: fc.nat(3),
  dirty_read_size: fc.constantFrom(0, 100, 500, 5000),
  read_limit: fc.constantFrom(0, 1, 30, 1000),
  empty_read: fc.constantFrom("ENOMSG" as const, "0" as const),
  stop_copy_report: fc.constantFrom(
    ...(["exact", "exact", "full-always", "constant", "error", "errno-as-length"] as const),
  ),
  stop_copy_constant: fc.nat(1e6),
  precopy_report: fc.constantFrom(...(["exact", "exact", "exact", "error"] as const)),
  dirty_report: fc.constantFrom("exact" as const, "after-initial" as const, "zero" as const),
  reinit_at_reads: fc.uniqueArray(fc.integer({ min: 1, max: 8 }), { maxLength: 3 })
    .map((counts) => counts.sort((a, b) => a - b)),
  reinit_size: fc.constantFrom(0, 100, 600, 9999),
}, { noNullPrototype: true });

const { PRE_COPY, STOP_COPY, RESUMING } = DEVICE_STATE;
/** States in which there is something to do come more often. */
const anyState = fc.constantFrom(...DEVICE_STATES, PRE_COPY, PRE_COPY, STOP_COPY, RESUMING);
const anyCall: fc.Arbitrary<Call> = fc.oneof(
  fc.record({ kind: fc.constant("setState" as const), state: anyState }),
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant("read" as const),
      length: fc.constantFrom(1, 24, 100, 700, LONGEST),
    }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant("info" as const), flags: fc.nat(1) }) },
  fc.record({
    kind: fc.constant("write" as const),
    from: fc.constantFrom(0, 0, 24, 100, 500),
    length: fc.constantFrom(1, 24, 100, 400, LONGEST),
  }),
  fc.record({ kind: fc.constantFrom("size" as const, "optIn" as const, "reset" as const) }),
);

Deno.test("any sequence of calls gets the simulated device's answers, byte for byte", () => {
  const migdev = new Migdev(0);
  const memory = regionOf(new ArrayBuffer(LONGEST + 5));
  fc.assert(
    fc.property(anyProfile, fc.array(anyCall, { minLength: 5, maxLength: 60 }), (some, script) => {
      const profile: DeviceProfile = {
        ...GENERIC_PROFILE,
        ...some,
        state_size: STATE_SIZE,
        precopy_info_v2: migdev.get("precopy_info_v2") === "1",
      };
      migdev.use({ state_size: STATE_SIZE, ...some });
      migdev.set("verify", 0);
      migdev.set("seed", SEED);
      const stream = savedStream(profile);
      const kernel = openKernelDevice(migdev.name, { id: "kernel" });
      const simulated = simulatedOf(profile, SEED);
      try {
        for (const [index, call] of script.entries()) {
          const expected = answer(simulated, call, stream, memory);
          const actual = answer(kernel, call, stream, memory);
          assertEquals(actual, expected, `call ${index}: ${JSON.stringify(call)}`);
        }
        // Asking lets the guest do what it has not done yet: looking at the checksum does that too.
        answer(simulated, { kind: "size" }, stream, memory);
        assertEquals(parseInt(migdev.get("checksum"), 16), checksumOf(simulated.stream.memory!));
      } finally {
        kernel.close();
        simulated.close();
      }
    }),
    { numRuns: 150 },
  );
});

Deno.test("a stream saved by either loads in the other, and leaves the same state", () => {
  const small = { state_size: STATE_SIZE, initial_fraction: 0.5, chunk_size: 100 };
  const profile: DeviceProfile = { ...GENERIC_PROFILE, ...small };
  const memory = regionOf(new ArrayBuffer(2 * LONGEST));
  for (const verify of [0, 1]) {
    for (const saving of ["kernel", "simulated"] as const) {
      const migdev = new Migdev(0);
      migdev.use(small);
      migdev.set("verify", verify);
      const kernel = openKernelDevice(migdev.name, { id: "kernel" });
      const simulated = simulatedOf(profile, SEED);
      try {
        const [from, to] = saving === "kernel" ? [kernel, simulated] : [simulated, kernel];
        assertEquals(to.setState(DEVICE_STATE.RESUMING), 0);
        assertEquals(from.setState(DEVICE_STATE.PRE_COPY), 0);
        const first = from.read(memory, LONGEST);
        assertEquals(to.write(memory, 0, first), first);
        assertEquals(from.setState(DEVICE_STATE.STOP_COPY), 0);
        const second = from.read(memory, LONGEST);
        assertEquals(to.write(memory, 0, second), second);
        assertEquals(from.read(memory, LONGEST), 0);
        assertEquals(to.setState(DEVICE_STATE.RUNNING), 0);
        const sum = checksumOf(simulated.stream.memory!);
        assertEquals(parseInt(migdev.get("checksum"), 16), sum);
      } finally {
        kernel.close();
        simulated.close();
      }
    }
  }
});

Deno.test("a state filled from a seed is the simulated device's", () => {
  const migdev = new Migdev(0);
  for (const size of [1, 3, 4097, 1024 * 1024 + 4098]) {
    migdev.use({ state_size: size });
    for (const seed of [0, 1, 0xfedcba98]) {
      migdev.set("seed", seed);
      const memory = memoryOf(size, seed);
      assertEquals(parseInt(migdev.get("checksum"), 16), checksumOf(memory), `${size} ${seed}`);
      assertEquals(bytesOf(memory).length, size);
    }
  }
  migdev.set("defaults", 1);
});
