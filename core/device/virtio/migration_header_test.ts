import { assertEquals } from "@std/assert";
import fc from "fast-check";
import {
  HEADER_FLAGS,
  HEADER_TAG,
  MIGRATION_HEADER_SIZE,
  readMigrationHeader,
  writeMigrationHeader,
} from "./migration_header.ts";

Deno.test("a header is record_size, flags, tag, little-endian", () => {
  const bytes = new Uint8Array(MIGRATION_HEADER_SIZE + 1);
  const view = new DataView(bytes.buffer);
  writeMigrationHeader(view, 1, { recordSize: 0x0102030405, flags: 0x0a0b, tag: 0x0c0d });
  // deno-fmt-ignore
  assertEquals([...bytes], [0, 5, 4, 3, 2, 1, 0, 0, 0, 0x0b, 0x0a, 0, 0, 0x0d, 0x0c, 0, 0]);
});

Deno.test("device data is mandatory and has tag 0, so that only its size is not zero", () => {
  const view = new DataView(new ArrayBuffer(MIGRATION_HEADER_SIZE));
  const { TAG_MANDATORY } = HEADER_FLAGS;
  writeMigrationHeader(view, 0, {
    recordSize: 1,
    flags: TAG_MANDATORY,
    tag: HEADER_TAG.DEVICE_DATA,
  });
  assertEquals([...new Uint8Array(view.buffer)], [1, ...new Array<number>(15).fill(0)]);
});

Deno.test("what is written is read", () => {
  const u32 = fc.integer({ min: 0, max: 2 ** 32 - 1 });
  const header = fc.record({ recordSize: fc.maxSafeNat(), flags: u32, tag: u32 });
  fc.assert(fc.property(header, (header) => {
    const view = new DataView(new ArrayBuffer(MIGRATION_HEADER_SIZE));
    writeMigrationHeader(view, 0, header);
    assertEquals(readMigrationHeader(view, 0), header);
  }));
});
