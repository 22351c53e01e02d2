import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { decodeRecordHeader, encodeRecordHeader, RECORD, RECORD_HEADER_SIZE } from "./record.ts";

function headerView(): DataView {
  return new DataView(new ArrayBuffer(RECORD_HEADER_SIZE));
}

Deno.test("a record header comes back as it was written, sizes up to 2^53 included", () => {
  const size = fc.nat(Number.MAX_SAFE_INTEGER);
  const kind = fc.constantFrom(...Object.values(RECORD));
  fc.assert(fc.property(kind, size, size, (kind, offset, length) => {
    const view = headerView();
    encodeRecordHeader(view, kind, offset, length);
    assertEquals(decodeRecordHeader(view), { kind, offset, length });
  }));
});

Deno.test("a record header lies in its 24 bytes as documented", () => {
  const view = headerView();
  encodeRecordHeader(view, RECORD.NEW, 0x0102030405, 0x1020);
  assertEquals(
    new Uint8Array(view.buffer).toHex(),
    "5649474d" + "02000000" + "0504030201000000" + "2010000000000000",
  );
});

Deno.test("what has another magic or an unknown kind is no record header", () => {
  const view = headerView();
  assertEquals(decodeRecordHeader(view), undefined);
  for (const kind of [0, 4, 0xffffffff]) {
    encodeRecordHeader(view, kind, 0, 0);
    assertEquals(decodeRecordHeader(view), undefined);
  }
  encodeRecordHeader(view, RECORD.STATE, 0, 0);
  view.setUint8(3, 0);
  assertEquals(decodeRecordHeader(view), undefined);
});
