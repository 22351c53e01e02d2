import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { DEVICE_STATE, DEVICE_STATES } from "./device_state.ts";
import { ERRNO } from "../libc/errno.ts";
import {
  checkFeatureRequest,
  FEATURE,
  FEATURE_MASK,
  FEATURE_OP,
  FEATURE_SIZE,
  readFeatureArgsz,
  readFeatureFlags,
  readMigDataFd,
  readMigDeviceState,
  readMigrationFlags,
  readStopCopyLength,
  writeFeatureHeader,
  writeMigDeviceState,
  writeMigrationFlags,
  writeStopCopyLength,
} from "./feature.ts";

const { GET, SET, PROBE } = FEATURE_OP;
const { EINVAL, ENOTTY } = ERRNO;
const EVERY_FEATURE = Object.values(FEATURE).reduce((mask, feature) => mask | 1 << feature, 0);

/** What `write` leaves in `length` bytes at offset 3 of a view; the bytes around it must stay. */
function written(length: number, write: (view: DataView, offset: number) => void): number[] {
  const bytes = new Uint8Array(3 + length + 3).fill(0xee);
  write(new DataView(bytes.buffer), 3);
  assertEquals([...bytes.subarray(0, 3), ...bytes.subarray(-3)], Array(6).fill(0xee));
  return [...bytes.subarray(3, -3)];
}

Deno.test("features and operations have the kernel's numbers", () => {
  assertEquals(FEATURE, {
    MIGRATION: 1,
    MIG_DEVICE_STATE: 2,
    DMA_LOGGING_START: 6,
    DMA_LOGGING_STOP: 7,
    DMA_LOGGING_REPORT: 8,
    MIG_DATA_SIZE: 9,
    MIG_PRECOPY_INFOv2: 12,
  });
  assertEquals([FEATURE_MASK, GET, SET, PROBE], [0xffff, 0x10000, 0x20000, 0x40000]);
});

Deno.test("a request to set a state has the kernel's layout", () => {
  const size = FEATURE_SIZE.HEADER + FEATURE_SIZE.MIG_DEVICE_STATE;
  const bytes = written(size, (view, offset) => {
    writeFeatureHeader(view, offset, size, FEATURE.MIG_DEVICE_STATE | SET);
    writeMigDeviceState(view, offset + FEATURE_SIZE.HEADER, DEVICE_STATE.PRE_COPY, -1);
  });
  // deno-fmt-ignore
  assertEquals(bytes, [
    16, 0, 0, 0,
    2, 0, 2, 0,
    6, 0, 0, 0,
    0xff, 0xff, 0xff, 0xff,
  ]);
});

Deno.test("MIGRATION and MIG_DATA_SIZE are one u64 each", () => {
  assertEquals(
    written(FEATURE_SIZE.MIGRATION, (view, offset) => writeMigrationFlags(view, offset, 7)),
    [7, 0, 0, 0, 0, 0, 0, 0],
  );
  assertEquals(
    written(
      FEATURE_SIZE.MIG_DATA_SIZE,
      (view, offset) => writeStopCopyLength(view, offset, 100 * 2 ** 30),
    ),
    [0, 0, 0, 0, 0x19, 0, 0, 0],
  );
  assertEquals(
    written(FEATURE_SIZE.MIG_DATA_SIZE, (view, offset) => writeStopCopyLength(view, offset, -22)),
    [0xea, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff],
  );
});

Deno.test("the header and the payloads read back as they were written", () => {
  const view = new DataView(new ArrayBuffer(32));
  const u32 = fc.nat(0xffffffff);
  const length = fc.oneof(fc.maxSafeNat(), fc.integer({ min: -133, max: -1 }));
  const offsets = fc.nat(24);
  fc.assert(fc.property(u32, u32, offsets, (argsz, flags, offset) => {
    writeFeatureHeader(view, offset, argsz, flags);
    assertEquals([readFeatureArgsz(view, offset), readFeatureFlags(view, offset)], [argsz, flags]);
  }));
  const fd = fc.integer({ min: -1, max: 0x7fffffff });
  fc.assert(fc.property(fc.constantFrom(...DEVICE_STATES), fd, offsets, (state, dataFd, offset) => {
    writeMigDeviceState(view, offset, state, dataFd);
    assertEquals([readMigDeviceState(view, offset), readMigDataFd(view, offset)], [state, dataFd]);
  }));
  fc.assert(fc.property(u32, length, offsets, (flags, stopCopyLength, offset) => {
    writeMigrationFlags(view, offset, flags);
    assertEquals(readMigrationFlags(view, offset), flags);
    writeStopCopyLength(view, offset, stopCopyLength);
    assertEquals(readStopCopyLength(view, offset), stopCopyLength);
  }));
});

Deno.test("a request that fits is to be carried out", () => {
  const requests: [feature: number, op: number, payload: number][] = [
    [FEATURE.MIGRATION, GET, 8],
    [FEATURE.MIG_DEVICE_STATE, GET, 8],
    [FEATURE.MIG_DEVICE_STATE, SET, 8],
    [FEATURE.DMA_LOGGING_START, SET, 24],
    [FEATURE.DMA_LOGGING_STOP, SET, 0],
    [FEATURE.DMA_LOGGING_REPORT, GET, 32],
    [FEATURE.MIG_DATA_SIZE, GET, 8],
    [FEATURE.MIG_PRECOPY_INFOv2, SET, 0],
  ];
  for (const [feature, op, payload] of requests) {
    const check = (argsz: number, flags: number) =>
      checkFeatureRequest(argsz, flags, EVERY_FEATURE);
    assertEquals(check(8 + payload, feature | op), 1);
    assertEquals(check(4096, feature | op), 1, "argsz may be larger");
    assertEquals(check(8 + payload - 1, feature | op), -EINVAL, "argsz may not be smaller");
    assertEquals(check(8, feature | op | PROBE), 0, "PROBE needs no payload");
    assertEquals(check(8, feature | PROBE), 0, "PROBE needs no operation");
    assertEquals(check(8 + payload, feature), -EINVAL, "without an operation");
    assertEquals(
      checkFeatureRequest(8 + payload, feature | op, EVERY_FEATURE & ~(1 << feature)),
      -ENOTTY,
      "not in this kernel",
    );
  }
});

Deno.test("a malformed request gets EINVAL whether or not the feature is there", () => {
  for (const features of [0, EVERY_FEATURE]) {
    assertEquals(checkFeatureRequest(0, FEATURE.MIGRATION | GET, features), -EINVAL);
    assertEquals(checkFeatureRequest(7, FEATURE.MIGRATION | GET, features), -EINVAL);
    for (let bit = 19; bit < 32; bit++) {
      const flags = (FEATURE.MIGRATION | GET | 1 << bit) >>> 0;
      assertEquals(checkFeatureRequest(16, flags, features), -EINVAL);
    }
    assertEquals(checkFeatureRequest(16, FEATURE.MIG_DEVICE_STATE | GET | SET, features), -EINVAL);
  }
});

Deno.test("GET with SET is for PROBE, and both must then be served", () => {
  const check = (feature: number) =>
    checkFeatureRequest(8, feature | GET | SET | PROBE, EVERY_FEATURE);
  assertEquals(check(FEATURE.MIG_DEVICE_STATE), 0);
  assertEquals(check(FEATURE.MIGRATION), -EINVAL);
  assertEquals(check(FEATURE.MIG_PRECOPY_INFOv2), -EINVAL);
});

Deno.test("an operation that a feature does not serve gets EINVAL", () => {
  const check = (flags: number) => checkFeatureRequest(64, flags, EVERY_FEATURE);
  assertEquals(check(FEATURE.MIGRATION | SET), -EINVAL);
  assertEquals(check(FEATURE.MIG_DATA_SIZE | SET), -EINVAL);
  assertEquals(check(FEATURE.MIG_PRECOPY_INFOv2 | GET), -EINVAL);
  assertEquals(check(FEATURE.DMA_LOGGING_START | GET | PROBE), -EINVAL);
});

Deno.test("a feature of nobody gets ENOTTY, even if its bit is set", () => {
  for (const feature of [0, 3, 11, 13, 31, 33, 0xffff]) {
    assertEquals(checkFeatureRequest(64, feature | GET, -1), -ENOTTY);
    assertEquals(checkFeatureRequest(64, feature | PROBE, -1), -ENOTTY);
  }
});
