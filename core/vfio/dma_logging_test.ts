import { assertEquals } from "@std/assert";
import fc from "fast-check";
import {
  DMA_LOGGING_MAX_RANGES,
  DMA_LOGGING_RANGE_SIZE,
  readDmaLoggingControl,
  readDmaLoggingRange,
  readDmaLoggingReport,
  writeDmaLoggingControl,
  writeDmaLoggingRange,
  writeDmaLoggingReport,
} from "./dma_logging.ts";
import { FEATURE_SIZE } from "./feature.ts";

Deno.test("the DMA logging payloads have the kernel's layout", () => {
  const bytes = new Uint8Array(
    FEATURE_SIZE.DMA_LOGGING_START + DMA_LOGGING_RANGE_SIZE + FEATURE_SIZE.DMA_LOGGING_REPORT,
  ).fill(0xee);
  const view = new DataView(bytes.buffer);
  writeDmaLoggingControl(view, 0, { pageSize: 4096, numRanges: 256, ranges: 0x7fff_1234_5678 });
  writeDmaLoggingRange(view, 24, { iova: 0x1_0000_0000, length: 0x20_0000 });
  writeDmaLoggingReport(view, 40, {
    iova: -4096, // the last page of the address space
    length: 4096,
    pageSize: 0x10000,
    bitmap: 0x7f00_0000_0008,
  });
  // deno-fmt-ignore
  assertEquals([...bytes], [
    0x00, 0x10, 0, 0, 0, 0, 0, 0,
    0x00, 0x01, 0, 0,
    0, 0, 0, 0,
    0x78, 0x56, 0x34, 0x12, 0xff, 0x7f, 0, 0,

    0, 0, 0, 0, 1, 0, 0, 0,
    0, 0, 0x20, 0, 0, 0, 0, 0,

    0x00, 0xf0, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
    0x00, 0x10, 0, 0, 0, 0, 0, 0,
    0, 0, 1, 0, 0, 0, 0, 0,
    0x08, 0, 0, 0, 0x00, 0x7f, 0, 0,
  ]);
});

Deno.test("as many ranges are allowed as fit in a page of 4096 bytes", () => {
  assertEquals(DMA_LOGGING_MAX_RANGES * DMA_LOGGING_RANGE_SIZE, 4096);
});

Deno.test("the DMA logging payloads read back as they were written", () => {
  const view = new DataView(new ArrayBuffer(64));
  const address = fc.oneof(
    fc.maxSafeNat(),
    // A page anywhere below 2^64: a held u64 is exact wherever it is a multiple of 4096.
    fc.integer({ min: -(2 ** 51), max: 2 ** 51 - 1 }).map((page) => page * 4096),
  );
  const u32 = fc.nat(0xffffffff);
  const offsets = fc.nat(32);
  const plain = { noNullPrototype: true };
  fc.assert(fc.property(
    fc.record({ pageSize: address, numRanges: u32, ranges: address }, plain),
    fc.record({ iova: address, length: address }, plain),
    fc.record({ iova: address, length: address, pageSize: address, bitmap: address }, plain),
    offsets,
    (control, range, report, offset) => {
      const gotControl = { pageSize: 0, numRanges: 0, ranges: 0 };
      writeDmaLoggingControl(view, offset, control);
      readDmaLoggingControl(view, offset, gotControl);
      assertEquals(gotControl, control);

      const gotRange = { iova: 0, length: 0 };
      writeDmaLoggingRange(view, offset, range);
      readDmaLoggingRange(view, offset, gotRange);
      assertEquals(gotRange, range);

      const gotReport = { iova: 0, length: 0, pageSize: 0, bitmap: 0 };
      writeDmaLoggingReport(view, offset, report);
      readDmaLoggingReport(view, offset, gotReport);
      assertEquals(gotReport, report);
    },
  ));
});
